//! The planted bugs: from a name of `plants.toml` to the options that make it so.
//!
//! The harness plants a bug to see whether it is found. Each plant is one switch, off by default, in the
//! options of the module that it spoils; this table is the only code that knows a plant's name.

use std::fmt;

use crate::extract::{Options, Pick};

/// A bug that the helper can be started with.
#[derive(Debug)]
pub struct Plant {
    /// Its name in `plants.toml`.
    pub name: &'static str,
    apply: fn(&mut Options),
}

/// All of them, in the order of `plants.toml`.
pub static PLANTS: [Plant; 10] = [
    Plant { name: "last-object", apply: |options| options.pick = Pick::Last },
    Plant { name: "escaped-quote", apply: |options| options.ignore_backslashes = true },
    Plant { name: "array-whole", apply: |options| options.whole_arrays = true },
    Plant { name: "untagged-fence", apply: |options| options.ignore_untagged_fences = true },
    Plant { name: "code-point-order", apply: |options| options.writer.code_point_order = true },
    Plant { name: "integer-rounded", apply: |options| options.reader.round_integers = true },
    Plant { name: "negative-zero", apply: |options| options.writer.signed_zero = true },
    Plant { name: "duplicate-member", apply: |options| options.reader.keep_last_duplicate = true },
    Plant { name: "html-escaped", apply: |options| options.writer.html_escapes = true },
    Plant { name: "lone-surrogate", apply: |options| options.reader.replace_lone_surrogates = true },
];

impl Plant {
    /// Finds a plant by its name.
    ///
    /// # Errors
    ///
    /// An error that lists the known names, if `name` is not among them.
    pub fn by_name(name: &str) -> Result<&'static Self, UnknownPlant> {
        PLANTS.iter().find(|plant| plant.name == name).ok_or_else(|| UnknownPlant(name.to_owned()))
    }

    /// The options with nothing but this bug in them.
    #[must_use]
    pub fn options(&self) -> Options {
        let mut options = Options::default();
        (self.apply)(&mut options);
        options
    }
}

/// A name that no plant has.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownPlant(String);

impl fmt::Display for UnknownPlant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = PLANTS.each_ref().map(|plant| plant.name).join(", ");
        write!(f, "LAKEHOUSE_PLANT names the unknown plant {:?}; the known ones are {known}.", self.0)
    }
}

impl std::error::Error for UnknownPlant {}

#[cfg(test)]
mod tests {
    use super::{PLANTS, Plant};
    use crate::extract::{self, Options};

    /// For each plant an input that it spoils, the contract's answer, and the spoilt one.
    const CASES: [(&str, &str, &str, &str); 10] = [
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

    fn expected(value: &str) -> String {
        format!(r#"{{"matched":{},"value":{value}}}"#, value != "null")
    }

    #[test]
    fn each_plant_spoils_its_own_case_and_no_other() {
        for (of, input, right, spoilt) in CASES {
            assert_eq!(extract::answer(input.as_bytes(), &Options::default()), expected(right), "no plant");
            for plant in &PLANTS {
                let value = if plant.name == of { spoilt } else { right };
                let answer = extract::answer(input.as_bytes(), &plant.options());
                assert_eq!(answer, expected(value), "plant {} on the case of {of}", plant.name);
            }
        }
    }

    #[test]
    fn each_plant_is_found_by_its_name() {
        for (name, ..) in CASES {
            assert_eq!(Plant::by_name(name).expect("every case is of a known plant").name, name);
        }
    }

    #[test]
    fn an_unknown_plant_is_refused_with_the_known_ones() {
        let message = Plant::by_name("rose").expect_err("no plant has this name").to_string();
        assert!(message.contains("\"rose\""), "{message}");
        assert!(PLANTS.iter().all(|plant| message.contains(plant.name)), "{message}");
    }
}
