//! The planted bugs: from a name of `plants.toml` to the options that make it so.
//!
//! The harness plants a bug to see whether it is found. Each plant is one switch, off by default, in the
//! options of the module that it spoils; this table is the only code that knows a plant's name.

use std::{env, fmt};

use crate::ijson::Numbers;
use crate::mac::Compared;
use crate::search::index::Sight;
use crate::search::matrix::{LowScores, Roles};
use crate::search::nearest::Ties;
use crate::surface::Surface;
use crate::validate::rules::SmsLimit;
use crate::{audit, chain, embedding, extract, search, validate, validation_error};

/// The options of every surface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Of `extract_json`.
    pub extract: extract::Options,
    /// Of `validate`.
    pub validate: validate::Options,
    /// Of `validation_error`.
    pub validation_error: validation_error::Options,
    /// Of `subject_audit`.
    pub chain: chain::Options,
    /// Of `subject_audit_files` and `audit_baselines`.
    pub audit: audit::Options,
    /// Of `embedding`, and so of everything that is embedded by it.
    pub embedding: embedding::Options,
    /// Of `vectors`.
    pub search: search::Options,
    /// Of `matrix`.
    pub matrix: search::matrix::Options,
}

/// A bug that a program can be started with.
#[derive(Debug)]
pub struct Plant {
    /// Its name in `plants.toml`.
    pub name: &'static str,
    /// The surface that it spoils.
    pub surface: Surface,
    apply: fn(&mut Options),
}

/// All of them, in the order of `plants.toml`.
pub static PLANTS: [Plant; 44] = [
    of_extract("last-object", |options| options.extract.pick = extract::Pick::Last),
    of_extract("escaped-quote", |options| options.extract.ignore_backslashes = true),
    of_extract("array-whole", |options| options.extract.whole_arrays = true),
    of_extract("untagged-fence", |options| options.extract.ignore_untagged_fences = true),
    of_extract("code-point-order", |options| options.extract.writer.code_point_order = true),
    of_extract("integer-rounded", |options| options.extract.reader.numbers = Numbers::IntegersRounded),
    of_extract("negative-zero", |options| options.extract.writer.signed_zero = true),
    of_extract("duplicate-member", |options| options.extract.reader.keep_last_duplicate = true),
    of_extract("html-escaped", |options| options.extract.writer.html_escapes = true),
    of_extract("lone-surrogate", |options| options.extract.reader.replace_lone_surrogates = true),
    of_validate("flat-error", |options| options.validate.answer.flat_completeness = true),
    of_validate("ssn-phone", |options| options.validate.rules.phone_is_ssn = true),
    of_validate("sms-161", |options| options.validate.rules.sms_limit = SmsLimit::Characters161),
    of_validate("sms-bytes", |options| options.validate.rules.sms_limit = SmsLimit::Bytes160),
    of_validate("empty-echo", |options| options.validate.answer.omit_empty_request_id = true),
    of_validate("rule-order", |options| options.validate.rules.exclude_early = true),
    of_validate("city-case", |options| options.validate.rules.match_city_case = true),
    of_validate("status-422", |options| options.validate.answer.malformed_is_422 = true),
    of_validate("trailing-garbage", |options| options.validate.reader.ignore_rest = true),
    of_validate("unknown-refused", |options| options.validate.refuse_unknown_members = true),
    Plant {
        name: "unknown-variant-default",
        surface: Surface::ValidationError,
        apply: |options| options.validation_error.default_variant = true,
    },
    of_chain("trace-id-omitted", |options| options.chain.line.omit_empty_trace_id = true),
    of_chain("nanos-trimmed", |options| options.chain.line.trim_fraction = true),
    of_chain("last-row-unchecked", |options| options.chain.trust_last_row = true),
    of_chain("row-code-point-order", |options| options.chain.line.signing.code_point_order = true),
    of_chain("torn-is-tampered", |options| options.chain.torn_is_tampered = true),
    of_chain("subject-unbound", |options| options.chain.ignore_row_subject = true),
    of_chain("mac-prefix", |options| options.chain.line.compared = Compared::Prefix),
    of_files("key-for-all", |options| options.audit.accept_key_for_others = true),
    of_files("torn-mode", |options| options.audit.group_reads_torn = true),
    of_files("tip-remembered", |options| options.audit.remember_tips = true),
    of_baselines("drift-at-20-warn", |options| options.audit.drift.warn_at_20 = true),
    of_baselines("drift-zero-zero-warn", |options| options.audit.drift.warn_of_zeros = true),
    Plant {
        name: "upper-folded",
        surface: Surface::Embedding,
        apply: |options| options.embedding.fold_all_letters = true,
    },
    of_vectors("ties-by-insertion", |options| options.search.ties = Ties::ByInsertion),
    of_vectors("deleted-returned", |options| options.search.return_deleted = true),
    of_vectors("dropped-keeps", |options| options.search.keep_dropped = true),
    of_vectors("crash-forgets", |options| options.search.write_late = true),
    of_vectors("near-missed", |options| options.search.sight = Sight::NotEveryFifth),
    of_matrix("role-gate-off", |options| options.matrix.roles = Roles::Every),
    of_matrix("boosted-twice", |options| options.matrix.boost_for_each = true),
    of_matrix("boost-on-similarity", |options| options.matrix.low_scores = LowScores::RaiseSimilarity),
    of_matrix("excluded-leaks", |options| options.matrix.inject_excluded = true),
    of_matrix("injected-uncounted", |options| options.matrix.miscount_injected = true),
];

const fn of_extract(name: &'static str, apply: fn(&mut Options)) -> Plant {
    Plant { name, surface: Surface::ExtractJson, apply }
}

const fn of_validate(name: &'static str, apply: fn(&mut Options)) -> Plant {
    Plant { name, surface: Surface::Validate, apply }
}

const fn of_chain(name: &'static str, apply: fn(&mut Options)) -> Plant {
    Plant { name, surface: Surface::SubjectAudit, apply }
}

const fn of_files(name: &'static str, apply: fn(&mut Options)) -> Plant {
    Plant { name, surface: Surface::SubjectAuditFiles, apply }
}

const fn of_baselines(name: &'static str, apply: fn(&mut Options)) -> Plant {
    Plant { name, surface: Surface::AuditBaselines, apply }
}

const fn of_vectors(name: &'static str, apply: fn(&mut Options)) -> Plant {
    Plant { name, surface: Surface::Vectors, apply }
}

const fn of_matrix(name: &'static str, apply: fn(&mut Options)) -> Plant {
    Plant { name, surface: Surface::Matrix, apply }
}

impl Plant {
    /// The plants of `surfaces`, in the order of `plants.toml`.
    pub fn all_of(surfaces: &'static [Surface]) -> impl Iterator<Item = &'static Self> {
        PLANTS.iter().filter(|plant| surfaces.contains(&plant.surface))
    }

    /// Finds a plant of `surfaces` by its name.
    ///
    /// # Errors
    ///
    /// An error that lists the known names, if `name` is not among them.
    pub fn by_name(name: &str, surfaces: &'static [Surface]) -> Result<&'static Self, UnknownPlant> {
        let mut plants = Self::all_of(surfaces);
        plants.find(|plant| plant.name == name).ok_or_else(|| UnknownPlant { name: name.to_owned(), surfaces })
    }

    /// The plant of `surfaces` that the environment names in `LAKEHOUSE_PLANT`; unset or empty it names none.
    ///
    /// # Errors
    ///
    /// An error that lists the known names, if it names another.
    pub fn of_environment(surfaces: &'static [Surface]) -> Result<Option<&'static Self>, UnknownPlant> {
        match env::var_os("LAKEHOUSE_PLANT") {
            Some(name) if !name.is_empty() => Self::by_name(&name.to_string_lossy(), surfaces).map(Some),
            _ => Ok(None),
        }
    }

    /// The options with nothing but this bug in them.
    #[must_use]
    pub fn options(&self) -> Options {
        let mut options = Options::default();
        (self.apply)(&mut options);
        options
    }
}

/// A name that no plant of the surfaces has.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownPlant {
    name: String,
    surfaces: &'static [Surface],
}

impl fmt::Display for UnknownPlant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = Plant::all_of(self.surfaces).map(|plant| plant.name).collect();
        let known = known.join(", ");
        write!(f, "LAKEHOUSE_PLANT names the unknown plant {:?}; the known ones are {known}.", self.name)
    }
}

impl std::error::Error for UnknownPlant {}

#[cfg(test)]
mod tests;
