use super::{Embedder, request, vectors};
use crate::embedding;
use crate::members::Fault;
use crate::search::refusal::{Reason, Refusal};
use crate::search::request::Texts;

#[test]
fn a_text_without_a_token_is_refused_at_its_place() {
    let texts = Texts { texts: vec!["a", " - "], fields: vec!["items.0.text".to_owned(), "items.3.text".to_owned()] };
    let embedder = Embedder::Hash(embedding::Options::default());
    let zero = Refusal::from(Fault { field: "items.3.text".to_owned(), reason: Reason::ZeroVector });
    assert_eq!(embedder.vectors(&texts, Ok(())).err(), Some(zero.clone()));
    assert_eq!(embedder.vectors::<()>(&texts, Err(Reason::Blank.into())).err(), Some(zero));
    let fine = Texts { texts: vec!["a"], fields: vec!["text".to_owned()] };
    assert_eq!(embedder.vectors::<()>(&fine, Err(Reason::Blank.into())).err(), Some(Reason::Blank.into()));
    let ((), vectors) = embedder.vectors(&fine, Ok(())).expect("it has a token");
    assert_eq!(vectors[0].components.len(), embedding::DIMENSION);
    assert_eq!(vectors[0].unit.dimension(), embedding::DIMENSION);
}

#[test]
fn another_embedder_is_asked_for_all_texts_at_once() {
    assert_eq!(request(&["a\"", "é"]), r#"{"model":"default","texts":["a\"","é"]}"#);
}

#[test]
fn an_answer_is_one_that_fits() {
    assert_eq!(
        vectors(r#"{"vectors":[[1,2.5],[-1e6,0]],"dimension":2,"model":"x"}"#, 2),
        Some(vec![vec![1.0, 2.5], vec![-1e6, 0.0]])
    );
    for other in [
        "",
        "[]",
        "{}",
        r#"{"dimension":2}"#,
        r#"{"dimension":2,"vectors":[[1,2]]}"#,
        r#"{"dimension":2,"vectors":[[1,2],[1,2],[1,2]]}"#,
        r#"{"dimension":2,"vectors":[[1,2],[1,2,3]]}"#,
        r#"{"dimension":3,"vectors":[[1,2],[1,2]]}"#,
        r#"{"dimension":"2","vectors":[[1,2],[1,2]]}"#,
        r#"{"dimension":2,"vectors":[[1,2],[1,null]]}"#,
        r#"{"dimension":2,"vectors":[[1,2],[1,1000000.1]]}"#,
        r#"{"dimension":0,"vectors":[[],[]]}"#,
        r#"{"dimension":2,"vectors":[[1,2],[1,NaN]]}"#,
    ] {
        assert_eq!(vectors(other, 2), None, "{other}");
    }
}
