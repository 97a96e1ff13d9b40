//! What a name says of what it holds.

/// What something of a name holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A secret, whatever it looks like.
    Secret,
    /// A secret if it looks like one: a token may be a lexer's, a key a map's.
    Perhaps,
    /// Nothing that is to be hidden.
    Other,
}

/// Words behind a secret's name that say how it is kept.
const KEPT_AS: &[&str] = &[
    "hash",
    "value",
    "val",
    "string",
    "str",
    "text",
    "txt",
    "buf",
    "buffer",
    "data",
    "hex",
    "b",
    "base",
    "bytes",
    "raw",
    "plain",
    "plaintext",
    "literal",
    "header",
    "ptr",
    "copy",
    "tmp",
    "utf",
    "w",
    "wide",
];
/// What these are of is secret.
const PASS_OF: &[&str] = &[
    "user",
    "usr",
    "db",
    "database",
    "admin",
    "root",
    "login",
    "account",
    "acct",
    "auth",
    "smtp",
    "imap",
    "pop",
    "ftp",
    "sftp",
    "ssh",
    "http",
    "https",
    "proxy",
    "mail",
    "email",
    "mysql",
    "pg",
    "pgsql",
    "postgres",
    "sql",
    "mongo",
    "redis",
    "ldap",
    "wifi",
    "wlan",
    "vpn",
    "sudo",
    "master",
    "key",
    "keystore",
    "truststore",
    "store",
    "cert",
    "certificate",
    "pem",
    "zip",
    "ssl",
    "tls",
    "rabbitmq",
    "amqp",
    "mqtt",
    "jdbc",
    "odbc",
    "rpc",
    "registry",
    "docker",
    "bind",
    "old",
    "new",
];
const TOKEN_OF: &[&str] = &[
    "auth", "access", "api", "refresh", "session", "bearer", "csrf", "xsrf", "id", "oauth", "jwt",
    "github", "gitlab", "slack", "bot", "device", "reset", "sas", "secret", "security", "login",
    "user", "npm", "pypi", "cargo", "registry", "deploy", "webhook", "sso", "saml", "mfa", "vault",
    "app", "client", "service", "personal",
];
const KEY_OF: &[&str] = &[
    "api",
    "access",
    "private",
    "secret",
    "auth",
    "signing",
    "sign",
    "encryption",
    "encrypt",
    "decryption",
    "decrypt",
    "cipher",
    "crypto",
    "master",
    "rsa",
    "aes",
    "dsa",
    "ecdsa",
    "ed25519",
    "hmac",
    "ssh",
    "gpg",
    "pgp",
    "pem",
    "shared",
    "license",
    "deploy",
    "priv",
    "wrapping",
    "kek",
    "dek",
    "jwt",
    "account",
    "storage",
    "stripe",
    "aws",
    "azure",
    "gcp",
    "google",
    "sendgrid",
    "twilio",
    "openai",
    "webhook",
    "consumer",
    "subscription",
    "host",
    "symmetric",
    "tls",
    "ssl",
];
/// Written as one word.
const JOINED: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "creds",
    "apikey",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "sessiontoken",
    "privatekey",
    "secretkey",
    "accesskey",
    "authkey",
    "signingkey",
    "privkey",
    "dbpass",
    "userpass",
    "dbpassword",
    "userpassword",
    "rootpassword",
    "clientsecret",
];

/// What is known by the words of a name, small and parted by one space.
pub(super) fn holds(words: &str) -> Holds {
    let mut words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
    while words.len() > 1
        && words
            .last()
            .is_some_and(|last| KEPT_AS.contains(last) || last.bytes().all(|b| b.is_ascii_digit()))
    {
        words.pop();
    }
    let Some((last, before)) = words.split_last() else {
        return Holds::Other;
    };
    let of = before.last().copied().unwrap_or_default();
    let either = |secret: bool| {
        if secret {
            Holds::Secret
        } else {
            Holds::Perhaps
        }
    };
    match *last {
        // Whether there is one, or is to be one.
        last if JOINED.contains(&last) && !["no", "has", "is", "use", "need"].contains(&of) => {
            Holds::Secret
        }
        "word" | "phrase" if of == "pass" => Holds::Secret,
        "pass" | "pw" | "pwd" => either(PASS_OF.contains(&of)),
        "token" => either(TOKEN_OF.contains(&of)),
        "key" if of == "public" || of == "pub" => Holds::Other,
        "key" => either(KEY_OF.contains(&of)),
        "bearer" | "authorization" | "auth" | "cookie" | "session" | "sid" | "jwt" | "nonce" => {
            Holds::Perhaps
        }
        "id" if ["session", "sess"].contains(&of) => Holds::Perhaps,
        _ => Holds::Other,
    }
}

/// The words of a path's last name: `cfg.apiKey` and `API_KEY` both are `api key`.
pub(super) fn words(name: &str) -> String {
    let last = name.rsplit(['.', '>']).next().unwrap_or(name);
    let last = last.trim_matches(['[', ']', '"', '\'']);
    let mut words = String::with_capacity(last.len() + 4);
    let mut before = ' ';
    let mut chars = last.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let begins = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_uppercase() && next.is_ascii_lowercase()));
        let other_kind = c.is_ascii_digit() != before.is_ascii_digit();
        let parts = !words.is_empty() && !words.ends_with(' ');
        if !c.is_ascii_alphanumeric() {
            if parts {
                words.push(' ');
            }
        } else {
            if parts && (begins || other_kind) {
                words.push(' ');
            }
            words.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.truncate(words.trim_end().len());
    words
}
