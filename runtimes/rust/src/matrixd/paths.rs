//! Which call a path and a method are. A path is compared as it stands, without decoding, merging or redirecting.

use axum::http::Method;

use crate::search::request::is_name;

/// A call, with the name of the index that its path holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `POST /vectors/index/NAME/add`
    Add(String),
    /// `POST /vectors/index/NAME/search`
    Search(String),
    /// `POST /vectors/index/NAME/delete`
    Delete(String),
    /// `POST /vectors/index/NAME/save`
    Save(String),
    /// `POST /vectors/index/NAME/reload`
    Reload(String),
    /// `GET /vectors/index/NAME`
    Describe(String),
    /// `DELETE /vectors/index/NAME`
    Drop(String),
    /// `POST /vectors/hybrid`
    Hybrid,
    /// `POST /v1/matrix/search`
    Learned,
    /// `POST /v1/matrix/playbooks/record`
    Record,
    /// `DELETE /v1/tenant`
    Forget,
}

impl Call {
    /// Whether it is told anything in its body.
    #[must_use]
    pub fn has_body(&self) -> bool {
        !matches!(self, Self::Describe(_) | Self::Drop(_) | Self::Forget)
    }
}

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// The health.
    Health,
    /// A call.
    Call(Call),
    /// Something that takes only these methods.
    OtherMethods(&'static str),
    /// Nothing that is here.
    Nothing,
}

/// What `method` on `path` is; without `keeps_indexes` there are none here.
#[must_use]
pub fn find(path: &str, method: &Method, keeps_indexes: bool) -> Found {
    let post = |call| if method == Method::POST { Found::Call(call) } else { Found::OtherMethods("POST") };
    match path {
        "/health" if method == Method::GET => Found::Health,
        "/health" => Found::OtherMethods("GET"),
        "/vectors/hybrid" => post(Call::Hybrid),
        "/v1/matrix/search" => post(Call::Learned),
        "/v1/matrix/playbooks/record" => post(Call::Record),
        "/v1/tenant" if method == Method::DELETE => Found::Call(Call::Forget),
        "/v1/tenant" => Found::OtherMethods("DELETE"),
        _ => {
            let Some(rest) = path.strip_prefix("/vectors/index/").filter(|_| keeps_indexes) else {
                return Found::Nothing;
            };
            let (name, verb) = rest.split_once('/').map_or((rest, None), |(name, verb)| (name, Some(verb)));
            if !is_name(name) {
                return Found::Nothing;
            }
            let name = name.to_owned();
            match verb {
                None if method == Method::GET => Found::Call(Call::Describe(name)),
                None if method == Method::DELETE => Found::Call(Call::Drop(name)),
                None => Found::OtherMethods("GET,DELETE"),
                Some("add") => post(Call::Add(name)),
                Some("search") => post(Call::Search(name)),
                Some("delete") => post(Call::Delete(name)),
                Some("save") => post(Call::Save(name)),
                Some("reload") => post(Call::Reload(name)),
                Some(_) => Found::Nothing,
            }
        }
    }
}

#[cfg(test)]
mod tests;
