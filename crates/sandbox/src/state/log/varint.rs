//! Numbers of variable length, as records are written with them: zigzag, seven bits a byte, the lowest first.

use bytes::{Buf, BufMut};

/// The longest form of a number with 64 bits.
const LONGEST: u32 = 10;

pub(super) fn put(into: &mut impl BufMut, number: i64) {
    let mut left = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
    while left > 0x7f {
        into.put_u8(u8::try_from(left & 0x7f).unwrap_or_default() | 0x80);
        left >>= 7;
    }
    into.put_u8(u8::try_from(left).unwrap_or_default());
}

/// Reads a number; `None` when the bytes end in its middle or it is longer than any.
pub(super) fn take(from: &mut impl Buf) -> Option<i64> {
    let mut zigzag = 0_u64;
    for place in 0..LONGEST {
        let byte = from.try_get_u8().ok()?;
        zigzag |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{Bytes, BytesMut};
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_kafka_writes_them() {
        let written = |number| {
            let mut bytes = BytesMut::new();
            put(&mut bytes, number);
            bytes.to_vec()
        };
        assert_eq!([written(0), written(-1), written(1), written(-64)], [[0], [1], [2], [0x7f]]);
        assert_eq!([written(64), written(300)], [[0x80, 1], [0xd8, 4]]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number: i64) {
            let mut bytes = BytesMut::new();
            put(&mut bytes, number);
            prop_assert_eq!(take(&mut bytes.freeze()), Some(number));
        }

        #[test]
        fn any_bytes_are_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let _ = take(&mut Bytes::from(bytes));
        }
    }
}
