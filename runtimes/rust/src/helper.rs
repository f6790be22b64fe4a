//! The surfaces that the program `helper` serves.

use crate::plant::Options;
use crate::surface::Surface;
use crate::{embedding, extract, subject_audit, validation_error};

/// How a surface is answered: from the input's bytes to the output.
type Answerer = fn(&[u8], &Options) -> String;

const SERVED: [(Surface, Answerer); 4] = [
    (Surface::ExtractJson, |input, options| extract::answer(input, &options.extract)),
    (Surface::ValidationError, |input, options| validation_error::answer(input, options.validation_error)),
    (Surface::SubjectAudit, |input, options| subject_audit::answer(input, &options.chain)),
    (Surface::Embedding, |input, options| embedding::answer(input, options.embedding)),
];

/// These surfaces.
pub static SURFACES: [Surface; SERVED.len()] = [SERVED[0].0, SERVED[1].0, SERVED[2].0, SERVED[3].0];

/// The answer of `surface` to `input`.
///
/// # Errors
///
/// If it is none of [`SURFACES`].
pub fn answer(surface: Surface, input: &[u8], options: &Options) -> Result<String, String> {
    match SERVED.into_iter().find(|(served, _)| *served == surface) {
        Some((_, answer)) => Ok(answer(input, options)),
        None => Err(format!("{} is not served here", surface.name())),
    }
}
