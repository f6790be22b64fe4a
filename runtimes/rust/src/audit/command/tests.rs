//! Every command line, and those that are none.

use super::{Baselines, Command, Of};
use crate::chain::anchor::Anchor;

fn split(line: &str) -> Vec<String> {
    line.split(' ').map(ToOwned::to_owned).collect()
}

#[track_caller]
fn check(line: &str, expected: &Command<'_>) {
    assert_eq!(Command::parse(&split(line)).as_ref(), Ok(expected), "{line}");
}

fn tip() -> String {
    "0123456789abcdef".repeat(4)
}

#[test]
fn every_command() {
    let append = Command::Append { subject: "S", event: "e", key: "audit.key" };
    check("append --subject S --event e", &append);
    check("append --event e --subject S", &append);
    check("append --key k --event e --subject S", &Command::Append { subject: "S", event: "e", key: "k" });
    let all = |anchors, key| Command::Verify { of: Of::All { anchors }, key };
    check("verify", &all(None, "audit.key"));
    check("verify --key k --anchors a", &all(Some("a"), "k"));
    let of = |anchor| Command::Verify { of: Of::Subject { subject: "S", anchor }, key: "audit.key" };
    check("verify --subject S", &of(None));
    let anchor = Anchor::parse(&format!("7:{}", tip()));
    check(&format!("verify --anchor 7:{} --subject S", tip()), &of(anchor));
    check("recover --subject S", &Command::Recover { subject: "S" });
    check("baselines load f", &Command::Baselines(Baselines::Load { file: "f" }));
    check("baselines last -f", &Command::Baselines(Baselines::Last { file: "-f" }));
    check("baselines append f --entry e", &Command::Baselines(Baselines::Append { file: "f", entry: "e" }));
    check("baselines append --entry e f", &Command::Baselines(Baselines::Append { file: "f", entry: "e" }));
    check("baselines copy f to", &Command::Baselines(Baselines::Copy { file: "f", to: "to" }));
    check("baselines drift f", &Command::Baselines(Baselines::Drift { file: "f" }));
    // What stands behind an option is its value, whatever it looks like.
    check("recover --subject --key", &Command::Recover { subject: "--key" });
}

#[test]
fn what_is_no_command_line() {
    let too_long = format!("recover --subject {}", "x".repeat(65));
    for line in [
        "",
        "serve",
        "Verify",
        "--help",
        "append",
        "append --subject S",
        "append --event e",
        "append --subject S --event",
        "append --subject S --event e more",
        "append --subject S --event e --anchor 0",
        "append --subject S --subject S --event e",
        "append --subject=S --event=e",
        "append --subject .S --event e",
        "append --subject S/T --event e",
        "append --subject  --event e",
        "append --subject S --event ",
        "append --subject S --event e --key ",
        "--subject S append --event e",
        "verify S",
        "verify --subject",
        "verify --subject S --anchor 1",
        "verify --subject S --anchor ",
        "verify --subject S --anchors a",
        "verify --anchors ",
        "verify --anchors a --anchors b",
        "verify --event e",
        "recover",
        "recover --subject S --key k",
        &too_long,
        "baselines",
        "baselines load",
        "baselines load ",
        "baselines load f f",
        "baselines load --file f",
        "baselines verify f",
        "baselines append f",
        "baselines append --entry e",
        "baselines append f --entry",
        "baselines copy f",
        "baselines copy f to more",
        "baselines drift f --key k",
    ] {
        assert!(Command::parse(&split(line)).is_err(), "{line}");
    }
    assert!(Command::parse(&[]).is_err());
    let anchor = format!("verify --anchor 0:{}", tip());
    assert!(Command::parse(&split(&anchor)).is_err(), "an anchor is of a subject");
}
