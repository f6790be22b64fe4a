mod audit;
mod search;

use super::{Options, PLANTS, Plant};
use crate::surface::Surface;
use crate::{extract, validate, validation_error};

static ALL: [Surface; 9] = [
    Surface::ExtractJson,
    Surface::Validate,
    Surface::ValidationError,
    Surface::SubjectAudit,
    Surface::SubjectAuditFiles,
    Surface::AuditBaselines,
    Surface::Embedding,
    Surface::Vectors,
    Surface::Matrix,
];

/// For each plant an input that it spoils, the contract's answer, and the spoilt one.
const OF_EXTRACT: [(&str, &str, &str, &str); 10] = [
    ("last-object", r#"{"a":1} {"a":2}"#, r#"{"a":1}"#, r#"{"a":2}"#),
    ("escaped-quote", r#"{"a":"\"}"}"#, r#"{"a":"\"}"}"#, "null"),
    ("array-whole", r#" [{"a":1}] "#, r#"{"a":1}"#, r#"[{"a":1}]"#),
    ("untagged-fence", "{\"a\":1} ```{\"a\":2}```", r#"{"a":2}"#, r#"{"a":1}"#),
    (
        "code-point-order",
        "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
        "{\"\u{1f600}\":2,\"\u{fb33}\":1}",
        "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
    ),
    ("integer-rounded", r#"{"a":9007199254740993}"#, "null", r#"{"a":9007199254740992}"#),
    ("negative-zero", r#"{"a":-0.0}"#, r#"{"a":0}"#, r#"{"a":-0}"#),
    ("duplicate-member", r#"{"a":1,"\u0061":2}"#, "null", r#"{"a":2}"#),
    ("html-escaped", r#"{"a":"<"}"#, r#"{"a":"<"}"#, r#"{"a":"\u003c"}"#),
    ("lone-surrogate", r#"{"a":"\udc00"}"#, "null", "{\"a\":\"\u{fffd}\"}"),
];

const ORDER: &str =
    r#""order":{"id":"7","role":"Cook","city":"Aurora","state":"IL","headcount":1,"excluded_ids":["w-2"]}"#;
const ROSTER: &str = concat!(
    r#""roster":[{"id":"w-1","role":"Cook","city":"AURORA","state":"IL"},"#,
    r#"{"id":"w-2","role":"Welder","city":"Aurora","state":"IL"},"#,
    r#"{"id":"w-3","role":"cook","city":" Aurora ","state":"IL"}]"#,
);

/// A text message to the third worker.
fn sms(body: &str) -> Vec<u8> {
    let artifact = format!(r#"{{"worker_id":"w-3","to":"1","body":"{body}"}}"#);
    format!(r#"{{"kind":"sms",{ORDER},{ROSTER},"artifact":{artifact}}}"#).into_bytes()
}

/// A fill with a worker, and whatever else is to stand in its root.
fn fill(worker: &str, more: &str) -> Vec<u8> {
    format!(r#"{{"kind":"fill"{more},{ORDER},{ROSTER},"artifact":{{"worker_ids":["{worker}"]}}}}"#).into_bytes()
}

/// For each plant a body that it spoils, the contract's answer, and the spoilt one.
fn of_validate() -> [(&'static str, Vec<u8>, &'static str, &'static str); 10] {
    const SMS: &str = r#"200 {"accepted":true,"kind":"sms","request_id":null}"#;
    const FILL: &str = r#"200 {"accepted":true,"kind":"fill","request_id":null}"#;
    const SMS_TOO_LONG: &str = r#"422 {"Policy":{"reason":"sms-too-long"}}"#;
    [
        (
            "flat-error",
            sms(" "),
            r#"422 {"Completeness":{"reason":"empty-body"}}"#,
            r#"422 {"Kind":"completeness","Reason":"empty-body"}"#,
        ),
        ("ssn-phone", sms("312-555-0142"), SMS, r#"422 {"Policy":{"reason":"social-security-number"}}"#),
        ("sms-161", sms(&"x".repeat(161)), SMS_TOO_LONG, SMS),
        ("sms-bytes", sms(&"é".repeat(81)), SMS, SMS_TOO_LONG),
        (
            "empty-echo",
            fill("w-3", r#","request_id":"""#),
            r#"200 {"accepted":true,"kind":"fill","request_id":""}"#,
            r#"200 {"accepted":true,"kind":"fill"}"#,
        ),
        (
            "rule-order",
            fill("w-2", ""),
            r#"422 {"Consistency":{"reason":"role-mismatch"}}"#,
            r#"422 {"Policy":{"reason":"excluded-worker"}}"#,
        ),
        ("city-case", fill("w-1", ""), FILL, r#"422 {"Consistency":{"reason":"city-mismatch"}}"#),
        (
            "status-422",
            b"{".to_vec(),
            r#"400 {"Schema":{"field":"","reason":"malformed-json"}}"#,
            r#"422 {"Schema":{"field":"","reason":"malformed-json"}}"#,
        ),
        (
            "trailing-garbage",
            // Garbage that is malformed JSON would be spoilt by status-422 as well.
            [fill("w-3", ""), b" \xff".to_vec()].concat(),
            r#"400 {"Schema":{"field":"","reason":"invalid-utf8"}}"#,
            FILL,
        ),
        (
            "unknown-refused",
            fill("w-3", r#","b.c":1,"a":2"#),
            FILL,
            r#"422 {"Schema":{"field":"b.c","reason":"wrong-type"}}"#,
        ),
    ]
}

/// The one plant of the errors' reader.
const OF_READER: [(&str, &str, &str, &str); 1] = [(
    "unknown-variant-default",
    r#"{"Safety":{"reason":"x"}}"#,
    r#"{"refused":"unknown-variant"}"#,
    r#"{"error":{"Policy":{"reason":""}}}"#,
)];

/// Checks that of all plants only `name` changes what `answer` says, from `right` to `spoilt`.
#[track_caller]
fn check(name: &str, answer: impl Fn(&Options) -> String, right: &str, spoilt: &str) {
    assert_eq!(answer(&Options::default()), right, "no plant, on the case of {name}");
    for plant in &PLANTS {
        let expected = if plant.name == name { spoilt } else { right };
        assert_eq!(answer(&plant.options()), expected, "plant {} on the case of {name}", plant.name);
    }
}

#[test]
fn each_plant_of_extract_json_spoils_its_own_case_and_no_other() {
    let whole = |value: &str| format!(r#"{{"matched":{},"value":{value}}}"#, value != "null");
    for (name, input, right, spoilt) in OF_EXTRACT {
        let answer = |options: &Options| extract::answer(input.as_bytes(), &options.extract);
        check(name, answer, &whole(right), &whole(spoilt));
    }
}

#[test]
fn each_plant_of_validate_spoils_its_own_case_and_no_other() {
    for (name, body, right, spoilt) in of_validate() {
        let answer = |options: &Options| {
            let answer = validate::answer(&body, &options.validate);
            format!("{} {}", answer.status, answer.body)
        };
        check(name, answer, right, spoilt);
    }
}

#[test]
fn each_plant_of_validation_error_spoils_its_own_case_and_no_other() {
    for (name, input, right, spoilt) in OF_READER {
        let answer = |options: &Options| validation_error::answer(input.as_bytes(), options.validation_error);
        check(name, answer, right, spoilt);
    }
}

#[test]
fn each_plant_is_found_by_its_name_among_those_of_its_surface() {
    let of_extract = OF_EXTRACT.map(|(name, ..)| (name, Surface::ExtractJson));
    let of_validate = of_validate().map(|(name, ..)| (name, Surface::Validate));
    let of_reader = OF_READER.map(|(name, ..)| (name, Surface::ValidationError));
    let of_chain = audit::OF_CHAIN_NAMES.map(|name| (name, Surface::SubjectAudit));
    let of_files = audit::OF_FILES_NAMES.map(|name| (name, Surface::SubjectAuditFiles));
    let of_baselines = audit::OF_BASELINES_NAMES.map(|name| (name, Surface::AuditBaselines));
    let of_embedding = search::OF_EMBEDDING_NAMES.map(|name| (name, Surface::Embedding));
    let of_vectors = search::OF_VECTORS_NAMES.map(|name| (name, Surface::Vectors));
    let of_matrix = search::OF_MATRIX_NAMES.map(|name| (name, Surface::Matrix));
    let names = [&of_extract[..], &of_validate, &of_reader, &of_chain, &of_files, &of_baselines].concat();
    let names = [&names[..], &of_embedding, &of_vectors, &of_matrix].concat();
    assert_eq!(PLANTS.each_ref().map(|plant| (plant.name, plant.surface)).as_slice(), names);
    for (name, surface) in names {
        for other in &ALL {
            let found = Plant::by_name(name, std::slice::from_ref(other));
            assert_eq!(found.is_ok(), *other == surface, "{name} of {}", other.name());
        }
        assert_eq!(Plant::by_name(name, &ALL).expect("it is of one of all surfaces").name, name);
    }
}

#[test]
fn an_unknown_plant_is_refused_with_those_that_the_surfaces_have() {
    static SURFACES: [Surface; 2] = [Surface::ExtractJson, Surface::ValidationError];
    for name in ["rose", "sms-161"] {
        let message = Plant::by_name(name, &SURFACES).expect_err("no plant of theirs has this name").to_string();
        let (unknown, known) = message.split_once(';').expect("the sentence has two halves");
        assert!(unknown.contains(&format!("{name:?}")), "{message}");
        for plant in &PLANTS {
            let names = known.trim_end_matches('.').split([' ', ',']);
            assert_eq!(
                names.into_iter().any(|known| known == plant.name),
                SURFACES.contains(&plant.surface),
                "{message}"
            );
        }
    }
}

/// What else a plant leaves alone.
#[track_caller]
fn check_same(name: &str, bodies: &[&[u8]]) {
    let options = Plant::by_name(name, &ALL).expect("the plant is known").options().validate;
    for body in bodies {
        let right = validate::answer(body, &validate::Options::default());
        assert_eq!(validate::answer(body, &options), right, "{name}: {}", String::from_utf8_lossy(body));
    }
}

#[test]
fn a_plant_changes_nothing_else() {
    check_same("flat-error", &[&fill("w-2", ""), &sms("{{"), b"{}", &fill("w-9", "")]);
    check_same("ssn-phone", &[&sms("3125550142"), &sms("1-312-555-0142"), &sms("312-555 0142"), &sms("123-45-6789")]);
    check_same("sms-161", &[&sms(&"x".repeat(160)), &sms(&"x".repeat(162)), &sms(&"é".repeat(160))]);
    check_same("sms-bytes", &[&sms(&"x".repeat(160)), &sms(&"x".repeat(161)), &sms(&"é".repeat(80))]);
    check_same("empty-echo", &[&fill("w-3", ""), &fill("w-3", r#","request_id":" ""#)]);
    check_same("city-case", &[&fill("w-3", ""), &fill("w-2", "")]);
    check_same("status-422", &[b"\xff", br#"{"a":1,"a":1}"#, br#""\ud800""#, b"1e309", b"[]"]);
    check_same(
        "trailing-garbage",
        &[b"", b"{", b"{\xff}", b"\xff{}", b"[1,]", b"{\"a\":1e309}", b"[\"\\ud800\",1e309]"],
    );
    check_same("unknown-refused", &[b"[]", b"{}", b"{\"a\":1", &sms("x")]);
}

#[test]
fn rule_order_changes_the_place_of_one_rule() {
    let answer = |worker_ids: &str, options: &validate::Options| {
        let order = ORDER.replace("\"headcount\":1", "\"headcount\":2");
        let body = format!(r#"{{"kind":"fill",{order},{ROSTER},"artifact":{{"worker_ids":[{worker_ids}]}}}}"#);
        validate::answer(body.as_bytes(), options).body
    };
    let planted = Plant::by_name("rule-order", &ALL).expect("the plant is known").options().validate;
    for (worker_ids, right, spoilt) in [
        (r#""w-2","w-9""#, "role-mismatch", "excluded-worker"),
        (r#""w-9","w-2""#, "unknown-worker", "unknown-worker"),
        (r#""w-3","w-2""#, "role-mismatch", "excluded-worker"),
        (r#""w-3","w-3""#, "duplicate-worker", "duplicate-worker"),
        (r#""w-3","w-9""#, "unknown-worker", "unknown-worker"),
    ] {
        assert!(answer(worker_ids, &validate::Options::default()).contains(right), "{worker_ids}");
        assert!(answer(worker_ids, &planted).contains(spoilt), "{worker_ids}");
    }
}

#[test]
fn unknown_refused_names_the_first_one_in_the_text_before_anything_else() {
    let planted = Plant::by_name("unknown-refused", &ALL).expect("the plant is known").options().validate;
    for (body, field) in [
        (r#"{"z":1,"a":2,"kind":0}"#, "z"),
        (r#"{"kind":0,"\u007a\"":{"a":1},"a":2}"#, r#"z\""#),
        (r#"{"":[],"Kind":"fill"}"#, ""),
    ] {
        let answer = validate::answer(body.as_bytes(), &planted);
        let expected = format!(r#"{{"Schema":{{"field":"{field}","reason":"wrong-type"}}}}"#);
        assert_eq!((answer.status, answer.body), (422, expected), "{body}");
    }
}
