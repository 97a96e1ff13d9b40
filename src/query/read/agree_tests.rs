//! One table of values, and all who read the format of a hit's values: they must agree.

use serde_json::{Map, Value as Json};

use crate::session_db::{CreateOptions, SessionDb, SessionKind, TargetClass};
use crate::value::locals::{self, Node, Path, Sink, find, join, locals_json, members};
use crate::value::{Body, Status, Value, names};

/// Name, text, status of each value and member, outermost first.
type Told = Vec<(String, String, Option<String>)>;

fn int(name: &str, n: i128) -> Value {
    Value::plain(name, "int", Body::Int(n))
}

fn of(name: &str, children: Vec<Value>) -> Value {
    Value {
        children: Some(children),
        ..Value::plain(name, "T", Body::Struct)
    }
}

/// Values whose names are awkward, and what every reader says of them.
fn table() -> Vec<(Value, Vec<&'static str>)> {
    let keys = |names: &[&str]| (1i128..).zip(names).map(|(n, name)| int(name, n)).collect();
    let cut = Value {
        status: Some(Status::Truncated),
        count: Some(9),
        arg: true,
        ..of("cut", keys(&["status", "count", "arg", "[0]"]))
    };
    vec![
        (int("n", 3), vec!["n"]),
        (of("p", keys(&["x", "y"])), vec!["p", "p.x", "p.y"]),
        (of("a", keys(&["[0]", "[1]"])), vec!["a", "a[0]", "a[1]"]),
        (
            of("aa", vec![of("[0]", keys(&["[1]", "x"]))]),
            vec!["aa", "aa[0]", "aa[0][1]", "aa[0].x"],
        ),
        (
            of(
                "r",
                keys(&["type", "value", "status", "count", "addr", "arg"]),
            ),
            vec![
                "r", "r.type", "r.value", "r.status", "r.count", "r.addr", "r.arg",
            ],
        ),
        (
            cut,
            vec!["cut", "cut.status", "cut.count", "cut.arg", "cut[0]"],
        ),
        (of("ü", keys(&["größe"])), vec!["ü", "ü.größe"]),
        (int("type", 1), vec!["type"]),
        (int("value", 2), vec!["value"]),
        (int("status", 5), vec!["status"]),
        (int("arg", 6), vec!["arg"]),
    ]
}

/// A map whose entries are called as each maker of names calls them.
fn map() -> (Value, Vec<String>) {
    let keys = names::tests::table();
    let entries = keys
        .iter()
        .map(|(key, _)| int(&names::entry(key), 1))
        .collect();
    let paths = keys.iter().map(|(_, name)| format!("m{name}"));
    let all = std::iter::once("m".to_owned()).chain(paths).collect();
    (of("m", entries), all)
}

fn by_tree(path: &str, of: &Map<String, Json>, told: &mut Told) {
    for (name, node) in members(of) {
        let path = join(path, name);
        told.push(one(&path, node));
        let below = node.0.as_object().expect("a value is an object");
        by_tree(&path, below, told);
    }
}

fn one(path: &str, node: Node<'_>) -> (String, String, Option<String>) {
    let text = node.text().expect("every value has a text").to_owned();
    (path.to_owned(), text, node.status().map(str::to_owned))
}

#[derive(Default)]
struct Visited(Told);

impl Sink for Visited {
    fn open(&mut self, name: &str, parent: Option<u32>) -> u32 {
        let outer = parent.map_or("", |parent| &self.0[parent as usize].0);
        let path = join(outer, name);
        self.0.push((path, String::new(), None));
        u32::try_from(self.0.len() - 1).unwrap()
    }
    fn set_text(&mut self, of: u32, text: &str) {
        self.0[of as usize].1 = text.into();
    }
    fn set_type(&mut self, _: u32, _: &str) {}
    fn set_status(&mut self, of: u32, text: &str) {
        self.0[of as usize].2 = Some(text.into());
    }
}

/// What the view for people who write SQL says.
fn by_view(json: &str) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let session = SessionDb::create_in(
        folder.path(),
        &CreateOptions {
            kind: SessionKind::Debug,
            target: "app",
            target_class: TargetClass::NativeCpu,
            cwd: folder.path(),
            db_path: None,
            label: None,
            target_hash: None,
        },
    )
    .unwrap();
    let insert = "INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts, locals_json)
         SELECT id, 't.c:1', 1, started_at, ? FROM sessions";
    session.conn().execute(insert, [json]).unwrap();
    let mut view = session
        .conn()
        .prepare("SELECT name, value, status FROM hit_values")
        .unwrap();
    let rows = view.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn all_readers_agree() {
    let table = table().into_iter();
    let named = |(value, names): (Value, Vec<&str>)| {
        (value, names.into_iter().map(str::to_owned).collect())
    };
    for (value, names) in table.map(named).chain([map()]) {
        let json = locals_json(&[value]);
        let values = locals::read(Some(json.as_bytes())).unwrap().values;
        let mut told = Told::new();
        by_tree("", &values, &mut told);
        let found: Vec<&str> = told.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(found, names, "{json}");
        for (name, text, status) in &told {
            let path = Path::new(name).find(&json).expect(name);
            assert_eq!(
                (&*path.text, path.status.as_deref()),
                (&**text, status.as_deref()),
                "{name}"
            );
            let node = find(&values, name).expect(name);
            assert_eq!(
                one(name, node),
                (name.clone(), text.clone(), status.clone())
            );
        }
        let mut visited = Visited::default();
        assert!(locals::visit(&json, &mut visited));
        assert_eq!(visited.0, told, "{json}");
        let mut view = by_view(&json);
        view.sort();
        told.sort();
        assert_eq!(view, told, "{json}");
    }
}

/// A file of another writer may have the dot on the other side.
#[test]
fn a_member_is_told_from_a_fact_by_what_stands_behind_the_key() {
    let json = r#"{"s":{"type":"S","value":"{}","status":"truncated",".status":{"type":"int","value":"1"}}}"#;
    let values = locals::read(Some(json.as_bytes())).unwrap().values;
    let (s, member) = (
        find(&values, "s").unwrap(),
        find(&values, "s.status").unwrap(),
    );
    assert_eq!((s.status(), member.text()), (Some("truncated"), Some("1")));
    let found = Path::new("s.status").find(json).unwrap();
    assert_eq!((&*found.text, found.status), ("1", None));
    let mut visited = Visited::default();
    assert!(locals::visit(json, &mut visited));
    assert_eq!(visited.0[1].0, "s.status");
    let mut view = by_view(json);
    view.sort();
    visited.0.sort();
    assert_eq!(view, visited.0);
}
