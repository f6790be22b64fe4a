//! What can be wrong with a file or a line of it: kinds, reasons, and how a fault is answered and told.

use std::fmt;

use crate::jcs;

/// What sort of trouble a fault is; each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An entry of the baselines is none.
    Malformed,
    /// What was to be written is not accepted.
    Refused,
    /// The chain is not what was written.
    Tampered,
    /// A crash cut the last line.
    Torn,
    /// Nothing says that these are all rows.
    Unanchored,
    /// A file or a line cannot be read.
    Unreadable,
    /// Writing failed.
    Unwritten,
}

impl Kind {
    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Refused => "refused",
            Self::Tampered => "tampered",
            Self::Torn => "torn",
            Self::Unanchored => "unanchored",
            Self::Unreadable => "unreadable",
            Self::Unwritten => "unwritten",
        }
    }

    /// What a program that found it ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Tampered | Self::Malformed => 1,
            Self::Unanchored => 3,
            Self::Torn => 4,
            Self::Unreadable => 5,
            Self::Refused => 6,
            Self::Unwritten => 7,
        }
    }
}

macro_rules! reasons {
    ($($variant:ident $name:literal $says:literal,)+) => {
        /// Why, in the contract's words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $(#[doc = $says] $variant,)+
        }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in answers.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it says to a person.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)+ }
            }
        }
    };
}

reasons! {
    LineTooLong "line-too-long" "more than 1,048,576 bytes",
    NotJson "not-json" "not JSON that the strict reader accepts",
    MacForm "mac-form" "there is no MAC of 64 lowercase hex digits",
    NotCanonical "not-canonical" "not in its canonical form",
    Mac "mac" "the MAC is another one",
    Subject "subject" "it is of another subject",
    Chain "chain" "it does not go on from the line before",
    Anchor "anchor" "the MAC is not the anchor's",
    Truncated "truncated" "the log ends before the anchor",
    Unfinished "unfinished" "the last line has no line feed",
    NoAnchor "no-anchor" "every row is sound, but no anchor says that these are all",
    Missing "missing" "there is no such file",
    NotAFile "not-a-file" "it is no ordinary file",
    NoPermission "no-permission" "it may not be opened",
    Io "io" "it cannot be read",
    KeyPermissions "key-permissions" "others than its owner may touch the key",
    KeyTooShort "key-too-short" "the key has less than 32 bytes",
    KeyTooLong "key-too-long" "the key has more than 4096 bytes",
    AnchorsShape "anchors-shape" "not an object from subjects to anchors, COUNT:TIP",
    EventShape "event-shape" "not of the shape of an event",
    EntryShape "entry-shape" "not of the shape of an entry",
    NotStorable "not-storable" "the strict reader would refuse its canonical form",
    WriteFailed "write-failed" "it cannot be written",
}

/// The first thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, as it was named.
    pub file: String,
    /// What sort of trouble it is.
    pub kind: Kind,
    /// The number of the line, if it is about one.
    pub line: Option<u64>,
    /// Why.
    pub reason: Reason,
}

impl Fault {
    /// A fault of a file as a whole.
    #[must_use]
    pub fn of_file(file: &str, kind: Kind, reason: Reason) -> Self {
        Self { file: file.to_owned(), kind, line: None, reason }
    }

    /// A file that cannot be read.
    #[must_use]
    pub fn unreadable(file: &str, reason: Reason) -> Self {
        Self::of_file(file, Kind::Unreadable, reason)
    }

    /// A file that cannot be written.
    #[must_use]
    pub fn unwritten(file: &str) -> Self {
        Self::of_file(file, Kind::Unwritten, Reason::WriteFailed)
    }

    /// A fault of a line.
    #[must_use]
    pub fn of_line(file: &str, kind: Kind, line: u64, reason: Reason) -> Self {
        Self { line: Some(line), ..Self::of_file(file, kind, reason) }
    }

    /// A fault of a line of a chain, whose kind follows from the reason.
    #[must_use]
    pub fn of_chain(file: &str, line: u64, reason: Reason) -> Self {
        let kind = match reason {
            Reason::LineTooLong => Kind::Unreadable,
            Reason::Unfinished => Kind::Torn,
            _ => Kind::Tampered,
        };
        Self::of_line(file, kind, line, reason)
    }

    /// The canonical form of `fault`, or `null`.
    #[must_use]
    pub fn json(fault: Option<&Self>) -> String {
        let Some(Self { file, kind, line, reason }) = fault else {
            return "null".to_owned();
        };
        let mut out = String::from("{\"file\":");
        jcs::write_string(file, &mut out);
        let line = line.map_or("null".to_owned(), |line| line.to_string());
        out + &format!(",\"kind\":\"{}\",\"line\":{line},\"reason\":\"{}\"}}", kind.name(), reason.name())
    }
}

/// The sentence for a person; whatever a file is called, it stays one line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.escape_debug())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}, {}: {}", self.kind.name(), self.reason.name(), self.reason.says())
    }
}
