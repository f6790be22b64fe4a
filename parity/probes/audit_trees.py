"""The inputs of subject_audit_files: directories with a key, events and chains, and the steps that are taken there."""

from __future__ import annotations

import hashlib
import json

from parity.generate.grammar import concat, mapped, mutated, pick, repeat, weighted
from parity.probes.audit_attacks import ATTACKS, MANIFEST_FAULTS, text
from parity.probes.audit_chains import NO_MAC, chain
from parity.probes.audit_events import EVENT_FAULTS, NEXT, ODD_EVENTS, event
from parity.probes.audit_requests import ATTACK, MANIFEST_FAULT, NUMBER, PLACE, SUBJECT, anchor
from parity.probes.audit_rows import PECULIAR, PLAIN, read_bodies
from parity.probes.steps import File, write

KEY = hashlib.sha256(b"parity secret a 0").digest()
"""What the secret `a 32` of a case is."""


THE_KEY = File("audit.key", b"a 32", "600 secret")


def _append(subject: str, file: str) -> list[str]:
    return ["append", "--subject", subject, "--event", file]


def _fresh(recipe: bytes) -> bytes:
    """Append a few events to nothing, then verify."""
    head, _, rows = recipe.decode().partition("\n")
    subject, form, last = head.split("\t")
    bodies = read_bodies(rows)
    files = [File(f"e{at}.json", event(body, form)) for at, body in enumerate(bodies)]
    steps = [_append(subject, file.name) for file in files]
    if last != "none":
        steps.append(["verify"] if last == "all" else ["verify", "--subject", subject])
    return write(steps, [THE_KEY, *files])


def _existing(recipe: bytes) -> bytes:
    """Work on a chain that is there, sound or attacked."""
    head, _, rows = recipe.decode().partition("\n")
    subject, attack, place, drawn, anchored, fault, doing = head.split("\t")
    sound = chain(KEY, subject, read_bodies(rows))
    number = int(drawn)
    log = (
        text(sound.lines) if attack == "none" else ATTACKS[attack](sound, int(place) * len(sound.lines) // 1000, number)
    )
    first = sound.manifest if fault == "none" else MANIFEST_FAULTS[fault](sound)
    verify = ["verify", "--subject", subject]
    if (wanted := anchor(sound, anchored, number)) is not None:
        verify += ["--anchor", wanted]
    steps = {
        "v": verify,
        "a": _append(subject, "event.json"),
        "r": ["recover", "--subject", subject],
    }
    files = [THE_KEY]
    if "a" in doing:
        files.append(File("event.json", event(NEXT)))
    files.append(File(f"subjects/{subject}.manifest.json", first))
    files.append(File(f"subjects/{subject}.audit.jsonl", log))
    return write([steps[one] for one in doing], files)


NEXT_EVENT = File("event.json", event(NEXT))
APPEND = _append("W-1", "event.json")


def _of_many(recipe: bytes) -> bytes:
    """Verify several subjects, with a file of anchors or without."""
    head, _, rows = recipe.decode().partition("\n")
    names, anchored, attack, drawn, form = head.split("\t")
    bodies = read_bodies(rows)
    files, anchors = [THE_KEY], {}
    for at, subject in enumerate(names.split(" ")):
        sound = chain(KEY, subject, bodies[at:])
        attacked = attack != "none" and at == 0
        log = ATTACKS[attack](sound, 0, int(drawn)) if attacked else text(sound.lines)
        anchors[subject] = anchor(sound, anchored, int(drawn)) or f"0:{sound.genesis}"
        if form != "log-only":
            files.append(File(f"subjects/{subject}.manifest.json", sound.manifest))
        if form != "manifest-only":
            files.append(File(f"subjects/{subject}.audit.jsonl", log))
    if form == "deleted":
        anchors["gone"] = next(iter(anchors.values()))
    if form == "others":
        files.append(File("subjects/notes.txt", b"not a log\n"))
        files.append(File("subjects/.W-1.audit.jsonl", b"hidden\n"))
    if anchored == "none":
        return write([["verify"]], files)
    text_of = {
        "broken": b"{",
        "wrong-shape": b'{"W-1":3}',
        "wrong-anchor": b'{"W-1":"1"}',
        "wrong-name": b'{".a":"0:"}',
    }
    files.insert(1, File("anchors.json", text_of.get(form, json.dumps(anchors).encode())))
    return write([["verify", "--anchors", "anchors.json"]], files)


KEY_FAULTS = pick(
    *["a 31\t600 secret", "a 0\t600 secret", "a 4097\t600 secret", "a 32\t640 secret", "a 32\t604 secret"],
    *["a 32\t606 secret", "a 32\t601 secret", "a 32\t660 secret", "a 31\t644 secret", "\tfolder", "\tmissing"],
)
ODD_KEYS = pick("a 32\t400 secret", "a 32\t700 secret", "a 33\t600 secret", "b 4096\t600 secret")


def _with_key(recipe: bytes) -> bytes:
    described, mark, doing, option = recipe.decode().split("\t")
    name = "audit.key" if option == "default" else "keys/k"
    key = {"folder": [File(name + "/", mark="700")], "missing": []}.get(mark, [File(name, described.encode(), mark)])
    steps = [APPEND if doing == "append" else ["verify", "--subject", "W-1"] if doing == "one" else ["verify"]]
    if option != "default":
        steps = [[*step, "--key", name] if option == "last" else [step[0], "--key", name, *step[1:]] for step in steps]
    sound = chain(KEY, "W-1", [NEXT])
    there = [File("subjects/W-1.manifest.json", sound.manifest), File("subjects/W-1.audit.jsonl", text(sound.lines))]
    return write(steps, [*key, NEXT_EVENT, *(there if doing != "append" else [])])


def _with_event(content: bytes) -> bytes:
    return write([APPEND, ["verify", "--subject", "W-1"]], [THE_KEY, File("event.json", content)])


def _half_there(recipe: bytes) -> bytes:
    what, doing = recipe.decode().split("\t")
    sound = chain(KEY, "W-1", [NEXT, NEXT])
    manifest, log = (
        File("subjects/W-1.manifest.json", sound.manifest),
        File("subjects/W-1.audit.jsonl", text(sound.lines)),
    )
    there = {
        "manifest": [manifest],
        "log": [log],
        "empty-log": [File(log.name)],
        "manifest-and-empty-log": [manifest, File(log.name)],
        "log-folder": [manifest, File(log.name + "/")],
        "manifest-folder": [File(manifest.name + "/"), log],
        "subjects-file": [File("subjects", b"x")],
        "subjects-empty": [File("subjects/")],
        "event-folder": [manifest, log],
        "event-missing": [manifest, log],
    }[what]
    events = {"event-folder": [File("event.json/")], "event-missing": []}.get(what, [NEXT_EVENT])
    steps = {"a": APPEND, "v": ["verify", "--subject", "W-1"], "V": ["verify"], "r": ["recover", "--subject", "W-1"]}
    return write([steps[one] for one in doing], [THE_KEY, *events, *there])


BROKEN_ANCHORS = pick("broken", "wrong-shape", "wrong-anchor", "wrong-name")
HALVES = pick(
    *["manifest", "log", "empty-log", "manifest-and-empty-log", "log-folder", "manifest-folder"],
    *["subjects-file", "subjects-empty", "event-folder", "event-missing"],
)
UNKNOWN_COMMANDS: list[list[str]] = [
    [],
    ["Verify"],
    ["verify", "x"],
    ["verify", "--x"],
    ["verify", "--subject"],
    ["verify", "--subject", ""],
    ["verify", "--subject", ".a"],
    ["verify", "--subject", "a/b"],
    ["verify", "--subject", "W" * 65],
    ["verify", "--subject=W-1"],
    ["verify", "--subject", "W-1", "--subject", "W-1"],
    ["verify", "--subject", "W-1", "--anchor", "1"],
    ["verify", "--subject", "W-1", "--anchor", "01:" + NO_MAC],
    ["verify", "--subject", "W-1", "--anchors", "anchors.json"],
    ["verify", "--anchor", "0:" + NO_MAC],
    ["append", "--subject", "W-1"],
    ["append", "--event", "event.json"],
    ["append", "x", *APPEND[1:]],
    [*APPEND, "--anchor", "0:" + NO_MAC],
    ["recover"],
    ["recover", "--subject", "W-1", "--key", "audit.key"],
    ["baselines"],
]
COMMAND_LINES = pick(*[write([step], [THE_KEY, NEXT_EVENT]) for step in UNKNOWN_COMMANDS])

SHORT = weighted((4, repeat(PLAIN, 1, 3, "\n")), (2, repeat(PLAIN, 4, 7, "\n")), (1, b""))
EVENTS = weighted(
    (2, repeat(PLAIN, 1, 1)),
    (5, repeat(PLAIN, 2, 3, "\n")),
    (2, concat(PLAIN, "\n", PECULIAR)),
    (1, concat(PECULIAR, "\n", PLAIN, "\n", PLAIN)),
)
FORM = weighted((6, "plain"), (1, "spaced"), (2, "traceless"))
FRESH = mapped(
    concat(SUBJECT, "\t", FORM, "\t", weighted((5, "one"), (1, "all"), (1, "none")), "\n", EVENTS),
    _fresh,
)
ANCHORED = weighted((4, "none"), (8, "at"), (3, "earlier"), (1, "beyond"), (1, "other"))
DOING = weighted((6, "v"), (4, "a"), (4, "av"), (2, "aav"), (2, "vv"), (2, "r"), (3, "rav"), (1, "rr"), (1, "vrv"))
EXISTING = mapped(
    concat(
        *(SUBJECT, "\t", ATTACK, "\t", PLACE, "\t", NUMBER, "\t", ANCHORED, "\t"),
        *(MANIFEST_FAULT, "\t", DOING, "\n", weighted((5, SHORT), (1, PECULIAR))),
    ),
    _existing,
)
OF_MANY = mapped(
    concat(
        *(pick("W-1 a", "b W-1 a", "W-1", "x.y -z _q", "a B"), "\t", ANCHORED, "\t"),
        *(weighted((6, "none"), (1, "edited"), (1, "torn"), (1, "truncated")), "\t", NUMBER, "\t"),
        weighted((8, "plain"), (2, "others"), (1, "deleted"), (1, "log-only"), (1, "manifest-only")) | BROKEN_ANCHORS,
        *("\n", repeat(PLAIN, 1, 4, "\n")),
    ),
    _of_many,
)
KEYS = mapped(
    concat(
        weighted((5, KEY_FAULTS), (1, ODD_KEYS)) + "\t",
        *(pick("append", "one", "all"), "\t", weighted((4, "default"), (1, "first"), (1, "last"))),
    ),
    _with_key,
)
TREES = weighted(
    (26, FRESH),
    (42, EXISTING),
    (9, OF_MANY),
    (6, KEYS),
    (5, mapped(EVENT_FAULTS, _with_event)),
    (3, mapped(ODD_EVENTS, _with_event)),
    (2, mapped(mutated(pick(event(NEXT)), b'{}[]",:0\\ \n\xff'), _with_event)),
    (5, mapped(concat(HALVES, "\t", pick("a", "v", "V", "r", "av", "ava")), _half_there)),
    (2, COMMAND_LINES),
)
