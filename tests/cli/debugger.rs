//! The same commands inside a debugger, with one made up of a session and no more.

use std::cell::RefCell;
use std::collections::HashMap;

use anyhow::{Result, bail};
use dbg_session::command::{
    Context, Live, LiveStatus, NewSession, SaveTo, Saved, Started, complete, run_line,
    save_session, verbs,
};
use dbg_session::layers::formats;
use dbg_session::{CreateOptions, SessionDb, SessionKind};
use serde_json::Value;

use super::world::World;

#[derive(Default)]
pub struct Fake {
    session: RefCell<Option<SessionDb>>,
    cwd: std::path::PathBuf,
    /// What the debugger answers to which request, and what it was asked.
    pub answers: HashMap<&'static str, Value>,
    pub asked: RefCell<Vec<(String, Value)>>,
}

impl Live for Fake {
    fn ask_host(&self, request: &str, arguments: &Value) -> Result<Value> {
        self.asked
            .borrow_mut()
            .push((request.to_owned(), arguments.clone()));
        match self.answers.get(request) {
            Some(answer) => Ok(answer.clone()),
            None => bail!("this debugger cannot {request}"),
        }
    }

    fn with_session(&self, ask: &mut dyn FnMut(&SessionDb) -> Result<()>) -> Result<bool> {
        match &*self.session.borrow() {
            Some(session) => ask(session).map(|()| true),
            None => Ok(false),
        }
    }

    fn start(&self, new: &NewSession) -> Result<Started> {
        let session = SessionDb::create(CreateOptions {
            kind: new.kind.unwrap_or(SessionKind::Debug),
            target: "prog",
            target_class: new.class,
            cwd: &self.cwd,
            db_path: None,
            label: new.label.as_ref().map(ToString::to_string),
            target_hash: None,
        })?;
        let label = session.label().to_owned();
        let before = self.session.replace(Some(session));
        Ok(Started {
            label,
            path: None,
            before: before.map(|session| session.label().to_owned()),
            notice: None,
        })
    }

    fn save(&self, to: &SaveTo) -> Result<Saved> {
        match &*self.session.borrow() {
            Some(session) => save_session(session, to, &self.cwd),
            None => bail!("no session is active"),
        }
    }

    fn status(&self) -> LiveStatus {
        LiveStatus {
            host: "GDB 99".into(),
            auto: true,
            ..LiveStatus::default()
        }
    }
}

fn fake(world: &World) -> Fake {
    Fake {
        cwd: world.proj(),
        ..Fake::default()
    }
}

#[test]
fn the_active_session_is_asked_first() {
    let world = World::with_demo();
    let fake = fake(&world);
    let say = |args: &[&str]| world.inside(Some(&fake), None, args);
    assert_eq!(
        say(&["status"]).out,
        "debugger: GDB 99, no program\nsession:  none yet; the first hit starts one\n"
    );
    assert!(
        say(&["hits", "--json"]).out.contains("\"demo\""),
        "without an active one, the newest"
    );
    assert_eq!(
        say(&["new", "--label", "now"]).out,
        "session now in memory; `dbg-session save` keeps it\n"
    );
    assert!(say(&["hits", "--json"]).out.contains("\"now\""));
    assert!(
        say(&["hits", "--json", "--session", "demo"])
            .out
            .contains("\"demo\"")
    );
    assert!(say(&["list"]).out.contains("now\tlive"));
    assert!(say(&["note", "hello"]).out.contains("session now"));
    assert!(say(&["status"]).out.contains("note:"));
    assert_eq!(
        say(&["sql", "SELECT label FROM sessions"]).out,
        "label\nnow\n"
    );
    assert_eq!(say(&["sql", "DELETE FROM sessions"]).code, 1);
    assert_eq!(
        say(&["sql", "SELECT count(*) FROM sessions"]).out,
        "count(*)\n1\n"
    );
    let again = say(&["new", "--label", "next"]).out;
    assert!(again.contains("session now is ended and kept"), "{again}");
    assert_eq!(say(&["save"]).code, 0);
    assert!(world.db("next").exists());
    for verb in ["setup", "doctor"] {
        assert!(say(&[verb]).err.contains("in a shell"), "{verb}");
    }
}

#[test]
fn a_line_needs_no_shell() {
    let world = World::with_demo();
    let context = Context {
        cwd: world.proj(),
        live: None,
        width: None,
    };
    let say = |line: &str| run_line(line, &context);
    assert_eq!(say("sql SELECT 'it''s' AS x").out, "x\nit's\n");
    assert_eq!(say("note don't \"panic\"").code, 0);
    assert_eq!(say("hits 'src/t.c:10' --limit 1").out.lines().count(), 2);
    let open = say("hits 'src");
    assert_eq!(open.code, 2);
    assert_eq!(open.err, "dbg-session: a ' is opened and never closed.\n");
    assert_eq!(say("").code, 2);
}

#[test]
fn completion_knows_verbs_flags_labels_places_and_keys() {
    let world = World::with_demo();
    let context = Context {
        cwd: world.proj(),
        live: None,
        width: None,
    };
    let offered = |line: &str| complete(line, &context);
    assert_eq!(offered("pr"), ["promote", "prune"]);
    assert!(offered("").contains(&"hits".to_owned()));
    assert_eq!(offered("hits --li"), ["--limit"]);
    assert!(offered("prune --").contains(&"--dry-run".to_owned()));
    assert_eq!(offered("hits --session d"), ["demo"]);
    assert_eq!(offered("promote "), ["demo"]);
    assert_eq!(offered("hits t.c:"), ["t.c:10", "t.c:20"]);
    assert_eq!(offered("hits src/"), ["src/t.c:10", "src/t.c:20"]);
    assert_eq!(offered("show --session demo pa"), ["parse"]);
    assert_eq!(offered("config capture.b"), ["capture.budget-ms"]);
    assert_eq!(offered("config mask "), ["off", "on"]);
    assert_eq!(offered("new --kind "), ["debug", "profile"]);
    assert_eq!(offered("hits --group-by p."), ["p.a", "p.type", "p.x"]);
    assert_eq!(offered("hits --fields n,th"), ["n,thread", "n,thread_name"]);
    assert_eq!(offered("hits --where ca"), ["caller"]);
    assert_eq!(
        offered("hits --where 'n > 3 and (p."),
        ["(p.a", "(p.type", "(p.x"]
    );
    assert!(offered("hits --where 's == \"p").is_empty());
    assert_eq!(offered("hits --where 'n > 3' --li"), ["--limit"]);
    assert!(offered("hits --limit ").is_empty());
    assert!(offered("nothing x").is_empty());
}

#[test]
fn completion_knows_what_an_argument_means_wherever_it_stands() {
    let world = World::with_demo();
    let context = Context {
        cwd: world.proj(),
        live: None,
        width: None,
    };
    let offered = |line: &str| complete(line, &context);
    for line in [
        "diff ",
        "diff demo ",
        "breakpoints restore ",
        "status --session ",
    ] {
        assert_eq!(offered(line), ["demo"], "{line}");
    }
    for verb in [
        "hits",
        "hit-trend",
        "callers",
        "show",
        "hit-diff",
        "source",
        "at-hit",
    ] {
        assert_eq!(offered(&format!("{verb} t.c:1")), ["t.c:10"], "{verb}");
    }
    for line in [
        "hit-trend t.c:10 p.",
        "hits --count-by p.",
        "callers main --where p.",
    ] {
        assert_eq!(offered(line), ["p.a", "p.type", "p.x"], "{line}");
    }
    for verb in ["cross", "disasm"] {
        assert_eq!(offered(&format!("{verb} pa")), ["parse"]);
    }
    assert_eq!(offered("new --class n"), ["native-cpu", "node"]);
    let mut names: Vec<&str> = formats().map(|format| format.name()).collect();
    names.sort_unstable();
    assert_eq!(offered("layer add p --format "), names);
    assert_eq!(offered("layer "), ["add", "list", "reindex"]);
    assert_eq!(offered("trace d"), ["delete", "disable"]);
    for line in [
        "save ",
        "recover ",
        "note t.",
        "sql s",
        "diff --loc ",
        "new ",
        "hotspots --layer ",
        "layer reindex ",
    ] {
        assert!(offered(line).is_empty(), "{line}: {:?}", offered(line));
    }
}

#[test]
fn every_verb_introduces_itself() {
    for verb in verbs() {
        assert!(!verb.about.is_empty(), "{}", verb.name);
        assert!(
            verb.help
                .contains(&format!("Usage: dbg-session {}", verb.name)),
            "{}",
            verb.help
        );
    }
}
