//! CRC-32 as zlib has it: of features that are a few bytes long, for which a table is as fast as anything.

const POLYNOMIAL: u32 = 0xedb8_8320;

/// What each byte does to the register.
static TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte: u32 = 0;
    while byte < 256 {
        let mut register = byte;
        let mut bit = 0;
        while bit < 8 {
            register = if register & 1 == 1 { (register >> 1) ^ POLYNOMIAL } else { register >> 1 };
            bit += 1;
        }
        table[byte as usize] = register;
        byte += 1;
    }
    table
}

/// The checksum of `pieces`, one behind the other.
#[must_use]
pub fn of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    let bytes = pieces.into_iter().flatten();
    !bytes.fold(!0, |register: u32, byte| {
        let [lowest, ..] = register.to_le_bytes();
        (register >> 8) ^ TABLE[usize::from(lowest ^ byte)]
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_zlib_has_it() {
        for (text, sum) in [
            ("", 0),
            ("123456789", 0xcbf4_3926),
            ("a", 0xe8b7_be43),
            ("The quick brown fox jumps over the lazy dog", 0x414f_a339),
        ] {
            assert_eq!(super::of([text.as_bytes()]), sum, "{text}");
            let (first, rest) = text.as_bytes().split_at(text.len() / 2);
            assert_eq!(super::of([first, rest]), sum, "{text}, in pieces");
        }
    }
}
