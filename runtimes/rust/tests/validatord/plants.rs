//! Each plant reaches the answers; what it spoils and what not, the library's own tests tell.

use crate::client::{ACCEPTED, GOOD, start, validate};
use crate::process::PLANTS;

fn sms(body: &str) -> String {
    let artifact = format!(r#"{{"worker_id":"w-1","to":"1","body":"{body}"}}"#);
    GOOD.replace("fill", "sms").replace(r#"{"worker_ids":["w-1"]}"#, &artifact)
}

#[test]
fn each_plant_reaches_the_answer() {
    const SMS: (u16, &str) = (200, r#"{"accepted":true,"kind":"sms","request_id":null}"#);
    const MALFORMED: &str = r#"{"Schema":{"field":"","reason":"malformed-json"}}"#;
    const TOO_LONG: (u16, &str) = (422, r#"{"Policy":{"reason":"sms-too-long"}}"#);
    const CITY: (u16, &str) = (422, r#"{"Consistency":{"reason":"city-mismatch"}}"#);
    let number = (422, r#"{"Policy":{"reason":"social-security-number"}}"#);
    let excluded = GOOD.replace(r#""headcount""#, r#""excluded_ids":["w-1"],"headcount""#);
    let cases = [
        (
            sms(""),
            (422, r#"{"Completeness":{"reason":"empty-body"}}"#),
            (422, r#"{"Kind":"completeness","Reason":"empty-body"}"#),
        ),
        (sms("312 555 0142"), SMS, number),
        (sms(&"x".repeat(161)), TOO_LONG, SMS),
        (sms(&"\u{1f600}".repeat(41)), SMS, TOO_LONG),
        (
            GOOD.replace(r#""order""#, r#""request_id":"","order""#),
            (200, r#"{"accepted":true,"kind":"fill","request_id":""}"#),
            (200, r#"{"accepted":true,"kind":"fill"}"#),
        ),
        (
            excluded.replacen("Cook", "Welder", 1),
            (422, r#"{"Consistency":{"reason":"role-mismatch"}}"#),
            (422, r#"{"Policy":{"reason":"excluded-worker"}}"#),
        ),
        (GOOD.replacen("Aurora", "AURORA", 1), (200, ACCEPTED), CITY),
        ("{".to_owned(), (400, MALFORMED), (422, MALFORMED)),
        // It is malformed JSON too, which status-422 spoils as well.
        (format!("{GOOD}}}"), (400, MALFORMED), (200, ACCEPTED)),
        (
            GOOD.replacen('{', r#"{"x":1,"#, 1),
            (200, ACCEPTED),
            (422, r#"{"Schema":{"field":"x","reason":"wrong-type"}}"#),
        ),
    ];
    for (planted, plant) in PLANTS.into_iter().enumerate() {
        let service = start(Some(plant));
        let mut connection = service.connect();
        for (case, (body, right, spoilt)) in cases.iter().enumerate() {
            let (status, expected) = if case == planted { spoilt } else { right };
            let status = if plant == "status-422" && *expected == MALFORMED { 422 } else { *status };
            connection.ask(validate(body)).check(status, expected);
        }
    }
}
