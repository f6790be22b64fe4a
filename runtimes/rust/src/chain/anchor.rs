//! An anchor: how many rows there were at least, and the MAC of the last of them, from an earlier answer.

use crate::forms;
use crate::mac::Mac;

/// `COUNT:TIP`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// So many rows there are at least.
    pub count: u64,
    /// The MAC of that row; of row 0 the manifest's.
    pub tip: Mac,
}

impl Anchor {
    /// The anchor that `text` is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (count, tip) = text.split_once(':')?;
        Some(Self { count: forms::count(count)?, tip: Mac::parse(tip)? })
    }
}

#[cfg(test)]
mod tests {
    use super::Anchor;
    use crate::mac::Mac;

    #[test]
    fn an_anchor_is_a_count_and_a_tip() {
        let tip = "0123456789abcdef".repeat(4);
        for (count, expected) in [("0", 0), ("17", 17), ("9007199254740992", 1 << 53)] {
            let mac = Mac::parse(&tip).expect("it is a MAC");
            assert_eq!(Anchor::parse(&format!("{count}:{tip}")), Some(Anchor { count: expected, tip: mac }), "{count}");
        }
        for count in ["", "-1", "+1", "01", "00", "1.0", "1e1", " 1", "9007199254740993", "99999999999999999999", "٣"]
        {
            assert_eq!(Anchor::parse(&format!("{count}:{tip}")), None, "{count}");
        }
        for text in ["", "1", "1:", ":", &tip, &format!("1:{tip}0"), &format!("1:{}", tip.to_uppercase())] {
            assert_eq!(Anchor::parse(text), None, "{text}");
        }
        assert_eq!(Anchor::parse(&format!("1:{tip}:")), None);
        assert_eq!(Anchor::parse(&format!("1:{}", &tip[1..])), None);
    }
}
