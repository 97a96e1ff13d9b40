use super::*;

fn masked(name: &str, text: &str) -> bool {
    let mut value = Value::plain(name, "char *", Body::Str(text.into()));
    mask(&mut value, None);
    value.body == Body::Text(MASKED.into())
}

/// A name, and a text under it that nobody else is to read.
const SECRETS: &[(&str, &str)] = &[
    // Given away by the name.
    ("password", "x"),
    ("passwd", "letmein"),
    ("passphrase", "correct horse battery staple"),
    ("API_KEY", "x"),
    ("apiKey", "abc"),
    ("apikey", "abc"),
    ("cfg.authToken", "abc"),
    ("user->passwd", "abc"),
    ("[\"api_token\"]", "abc"),
    ("[\"password\"]", "abc"),
    ("secret", "abc"),
    ("secret2", "abc"),
    ("client_secret", "abc"),
    ("private_key_hex", "00ff"),
    ("sessionToken", "abc"),
    ("DB_PASS", "swordfish"),
    ("user_pass", "swordfish"),
    ("smtpPass", "swordfish"),
    ("db_pwd", "swordfish"),
    ("root_pw", "toor"),
    ("signing_key", "abcd"),
    ("encryptionKey", "abcd"),
    ("hmac_key", "abcd"),
    ("ssh_key", "abcd"),
    ("aws_secret_access_key", "abcd"),
    ("credentials", "me:pw"),
    ("password_hash", "$2b$12$abc"),
    ("wifiPassword", "swordfish"),
    ("refresh_token", "abc"),
    ("csrf_token", "abc"),
    ("proxy_pass", "abc"),
    ("keystore_pass", "changeit"),
    // Names that mean both, and texts that nobody thought of.
    ("token", "a8f3k2l9x0q7w5e1"),
    ("key", "Zx9vB3nM7kLp2QwErT5y"),
    ("pw", "S3cr3t!pw"),
    ("pass", "xK9#mP2$vL5n"),
    ("pwd", "q7Wz3RtY8uPa"),
    ("session_id", "9f86d081884c7d659a2feaa0c55ad015"),
    ("bearer", "kJ8s7dF6gH5j4K3l2Z1x"),
    ("next_token", "eWJ0K3hVbmRxZz09c2Rmc2Rm"),
    // Given away by the text.
    ("s", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
    ("s", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    ("s", "AKIAABCDEFGHIJKLMNOP"),
    ("s", "Authorization: Bearer abcdefgh1"),
    ("s", "Authorization: Bearer abcdefghijklmnop"),
    ("s", "Authorization: Basic dXNlcjpwYXNzd29yZA=="),
    ("s", "postgres://me:pw@host/db"),
    ("s", "redis://:hunter2@cache:6379/0"),
    ("s", "ghp_abcdefghijklmnopqrst"),
    ("s", "github_pat_11ABCDEFG0abcdefghijklmno"),
    ("s", concat!("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc")),
    ("s", "glpat-xxxxYYYYzzzz11112222"),
    ("s", "npm_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("s", "AIzaSyA1234567890abcdefghijklmnopqrstuv"),
    ("s", "sk-abcdefghijklmnopqrstuvwxyz"),
    ("s", "xoxb-1234567890-abcdefghij"),
    ("s", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln"),
    ("s", "Cookie: theme=dark; session=9f86d081884c7d65"),
    ("s", "Set-Cookie: sid=q7Wz3RtY8uPaL2k9; Path=/"),
    ("s", "password = x1"),
    ("s", "password=swordfish"),
    ("s", "API-KEY: y7"),
    ("s", r#"{"user": "me", "password": "swordfish"}"#),
    ("s", r#"{\"password\": \"swordfish\"}"#),
    ("s", r#"{"client_secret":"abc"}"#),
    ("s", "https://api.example.com/v1?api_key=abcd1234&n=1"),
    ("s", "login --token a1b2c3 --verbose"),
    ("s", "mysql --password hunter2"),
    ("s", "DB_PASS=swordfish ./server"),
    ("s", "user=me;pwd=q7Wz3RtY8uPa;timeout=3"),
];

/// A name, and a text under it that is to be read.
const INNOCENT: &[(&str, &str)] = &[
    ("key", "x"),
    ("key", "user"),
    ("key", "content-length"),
    ("key", "user:1234"),
    ("key", "cache_v2_users"),
    ("key", "Content-Type"),
    ("key", "KEY_ESCAPE"),
    ("key", "ctrl+shift+p"),
    ("key", "com.example.app.settings"),
    ("key", "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"),
    ("token", "xyxyxyxyxyxyxyxyxyxyxyxy"),
    ("primary_key", "id"),
    ("foreign_key", "customer_id"),
    ("public_key", "ssh-rsa AAAAB3NzaC1yc2E"),
    ("sort_key", "lastModifiedDate"),
    ("cacheKey", "users/42/profile"),
    ("map_key", "first"),
    ("keyboard", "de-latin1"),
    ("keys", "wasd"),
    ("monkey", "George"),
    ("token", "identifier"),
    ("token", "=="),
    ("token", "return"),
    ("token", "std::vector<int>"),
    ("token", "0xdeadbeef"),
    ("token", "0x7ffe1234abcd"),
    ("token", "3.14159265358979"),
    ("token", "1234567890123"),
    ("token", "very_long_identifier_name"),
    ("token", "veryLongIdentifierName"),
    ("token", "static_cast<const char *>(p)"),
    ("token", "\"a string literal\""),
    ("token", "uint64_t"),
    ("token", "__attribute__"),
    ("token", "x86_64-linux-gnu"),
    ("token", "HTTP_STATUS_NOT_FOUND"),
    ("cur_token", "while"),
    ("next_token", "function_declaration"),
    ("prevToken", "semicolon"),
    ("token_count", "abc"),
    ("tokens", "a b c"),
    ("tokenizer", "whitespace"),
    ("token_type", "Bearer"),
    ("pass", "first"),
    ("pass", "dead-code-elimination"),
    ("pass", "loop-vectorize"),
    ("render_pass", "shadow"),
    ("opt_pass", "SimplifyCFGPass"),
    ("bypass", "proxy"),
    ("pw", "struct passwd"),
    ("pwd", "/tmp/work"),
    ("pwd", "/home/me/src/project-2.0"),
    ("pwd", "C:\\Users\\me"),
    ("bearer", "postman"),
    ("bearer", "token"),
    ("authorization", "required"),
    ("auth", "basic"),
    ("auth_method", "password"),
    ("cookie", "chocolate"),
    ("session", "interactive"),
    ("session_id", "42"),
    ("nonce", "12"),
    ("passwords_seen", "x"),
    ("has_password", "yes"),
    ("no_password", "true"),
    ("password_required", "yes"),
    ("password_field", "login-form"),
    ("password_policy", "strict"),
    ("secret_name", "db/prod"),
    ("secretary", "Anna"),
    ("is_secret", "yes"),
    ("compass", "north"),
    ("n", "x"),
    ("", "x"),
    ("name", "Ann"),
    ("path", "/etc/passwd"),
    ("file", "id_rsa.pub"),
    ("host", "db.example.com:5432"),
    ("hash", "d41d8cd98f00b204e9800998ecf8427e"),
    ("commit", "2ed37de0c1f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9"),
    ("uuid", "550e8400-e29b-41d4-a716-446655440000"),
    ("etag", "W/\"5e15153d-120f\""),
    ("build_id", "9f86d081884c7d659a2feaa0c55ad015"),
    ("base64", "aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91"),
    ("s", ""),
    ("s", "hello, world"),
    ("s", "http://host/path"),
    ("s", "https://host:8080/path"),
    ("s", "https://host:8080/path@v2"),
    ("s", "http://user@host/"),
    ("s", "ssh://git@host:22/repo.git"),
    ("s", "git@github.com:me/repo.git"),
    ("s", "postgres://me:%s@host/db"),
    ("s", "postgres://me:${PASSWORD}@host/db"),
    ("s", "postgres://me:****@host/db"),
    ("s", "postgres://<user>:<password>@host"),
    ("s", "mailto:me@example.com"),
    ("s", "12:30:01 me@host"),
    ("s", "the password is wrong"),
    ("s", "password: required"),
    ("s", "Password: "),
    ("s", "Enter password: "),
    ("s", "password: must not be empty"),
    ("s", "password = %s"),
    ("s", "password=%s&user=%s"),
    ("s", "password={}"),
    ("s", "password=****"),
    ("s", "password=<masked>"),
    ("s", "password=$PASSWORD"),
    ("s", "password: ${DB_PASS}"),
    ("s", "secret: none"),
    ("s", "api_key: missing"),
    ("s", "error: invalid token: ')'"),
    ("s", "unexpected token: identifier"),
    ("s", "token=identifier"),
    ("s", "key=value"),
    ("s", "key: value"),
    ("s", "primary_key=id"),
    ("s", "max_tokens=4096"),
    ("s", "PWD=/tmp/work"),
    ("s", "usage: login --token TOKEN --password PASSWORD"),
    ("s", "usage: tool --key <key> --verbose"),
    ("s", "--password"),
    ("s", "--key name --sort"),
    ("s", "Authorization: required"),
    ("s", "bearer authentication is not supported"),
    ("s", "Basic authentication failed"),
    ("s", "basic instructions"),
    ("s", "WWW-Authenticate: Basic realm=\"site\""),
    ("s", "Cookie: theme=dark"),
    ("s", "Set-Cookie: lang=en-US; Path=/"),
    ("s", "sk-short"),
    ("s", "sk-learn"),
    ("s", "npm_config_registry"),
    ("s", "ghp_short"),
    ("s", "task-force-risk-assessment"),
    ("s", "-----BEGIN PUBLIC KEY-----"),
    ("s", "-----BEGIN CERTIFICATE-----"),
    ("s", "SELECT password FROM users"),
    ("s", "UPDATE users SET password = ?"),
    ("s", "forgot your password?"),
    ("s", "ASIA and AFRICA"),
    ("s", "eyJ is how they begin"),
    ("s", "passport: yes"),
    ("s", "compass=north"),
];

#[test]
fn secrets_are_hidden() {
    let missed: Vec<_> = SECRETS
        .iter()
        .filter(|(name, text)| !masked(name, text))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(SECRETS.len() >= 60);
}

#[test]
fn what_is_none_is_not_spoiled() {
    let spoiled: Vec<_> = INNOCENT
        .iter()
        .filter(|(name, text)| masked(name, text))
        .collect();
    assert!(spoiled.is_empty(), "{spoiled:#?}");
    assert!(INNOCENT.len() >= 120);
}

fn elements(name: &str, kind: &str, bodies: Vec<Body>) -> Value {
    let elements = bodies
        .into_iter()
        .enumerate()
        .map(|(i, body)| Value::plain(format!("[{i}]"), kind, body));
    Value::aggregate(name, format!("{kind}[]"), Body::Array, elements.collect())
}

#[test]
fn bytes_and_characters_under_a_secrets_name_are_hidden() {
    let bytes = || (1..17).map(Body::Int).collect::<Vec<_>>();
    let text = |mut value: Value| {
        mask(&mut value, None);
        value.text()
    };
    assert_eq!(
        text(elements("private_key", "unsigned char", bytes())),
        MASKED
    );
    assert_eq!(text(elements("signing_key", "uint8_t", bytes())), MASKED);
    assert_eq!(text(elements("secret", "u8", bytes())), MASKED);
    let chars = "letmein".chars().map(|c| Body::Char(c.into())).collect();
    assert_eq!(text(elements("password", "wchar_t", chars)), MASKED);
    let empty = elements("password", "char", vec![]);
    assert_eq!(text(empty), "{}");
    assert_ne!(text(elements("key", "unsigned char", bytes())), MASKED);
    assert_ne!(text(elements("digest", "unsigned char", bytes())), MASKED);
    assert_ne!(text(elements("password_lengths", "int", bytes())), MASKED);
    assert_ne!(text(elements("password", "int", bytes())), MASKED);
}

#[test]
fn what_follows_an_option_is_hidden() {
    let of = |words: &[&str]| {
        let words = words.iter().map(|word| Body::Str((*word).into())).collect();
        let mut value = elements("argv", "char *", words);
        mask(&mut value, None);
        value.text()
    };
    assert_eq!(
        of(&["login", "--token", "abc", "-v"]),
        r#"{"login", "--token", <masked>, "-v"}"#
    );
    assert_eq!(
        of(&["--password", "pw", "x"]),
        r#"{"--password", <masked>, "x"}"#
    );
    assert_eq!(of(&["--password=pw", "x"]), r#"{<masked>, "x"}"#);
    assert_eq!(of(&["--colour", "red"]), r#"{"--colour", "red"}"#);
}

#[test]
fn what_is_inside_a_secret_is_hidden_and_numbers_are_not() {
    let user = Value::plain("user", "char *", Body::Str("me".into()));
    let length = Value::plain("length", "int", Body::Int(3));
    let mut secret = Value::aggregate("secret", "S", Body::Struct, vec![user, length]);
    mask(&mut secret, None);
    assert_eq!(secret.text(), "{user = <masked>, length = 3}");
    let entry = Value::plain("[\"AKIAABCDEFGHIJKLMNOP\"]", "int", Body::Int(3));
    let mut map = Value::aggregate("m", "map", Body::Map, vec![entry]);
    mask(&mut map, None);
    assert_eq!(map.text(), "{[<masked>] = 3}");
}
