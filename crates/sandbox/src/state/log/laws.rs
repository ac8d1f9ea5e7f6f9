//! Laws that hold of every log.

use crate::state::log::{Appending, Batch, Limit, Log, Record, Rules, record, records};
use bytes::Bytes;
use proptest::prelude::*;

const NOW_MS: i64 = 1_700_000_000_000;

fn rules(segment_bytes: u64) -> Rules {
    Rules { segment_bytes, ..Rules::default() }
}

fn to(rules: &Rules) -> Appending<'_> {
    Appending { place: "t-0", leader_epoch: 3, now_ms: NOW_MS, rules }
}

fn record_of(size: usize) -> Record {
    Record::new(NOW_MS, Some(Bytes::from(vec![b'k'; size % 5])), Some(Bytes::from(vec![b'v'; size])))
}

/// The batch of a producer without an id, packed with a codec.
fn produced(sizes: &[usize], codec: i16) -> Bytes {
    let mut records: Vec<Record> = sizes.iter().map(|size| record_of(*size)).collect();
    for (record, place) in records.iter_mut().zip(0..) {
        record.offset = place;
    }
    let header = crate::state::log::Header {
        base_offset: 0,
        leader_epoch: -1,
        attributes: codec,
        last_offset_delta: i32::try_from(sizes.len()).expect("few records") - 1,
        base_timestamp: 0,
        max_timestamp: 0,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        count: 0,
    };
    record::write(&header, &records).expect("a batch").bytes().clone()
}

fn filled(batches: &[(Vec<usize>, i16)], rules: &Rules) -> Log {
    let mut log = Log::default();
    for (sizes, codec) in batches {
        let before = log.end();
        let appended = log.append(&produced(sizes, *codec), &to(rules)).expect("a good batch");
        assert_eq!(appended.base_offset, before);
        assert_eq!(log.end() - before, i64::try_from(sizes.len()).expect("few records"));
    }
    log.replicated();
    log
}

fn batches() -> impl Strategy<Value = Vec<(Vec<usize>, i16)>> {
    let batch = (proptest::collection::vec(0_usize..200, 1..6), 0_i16..=4);
    proptest::collection::vec(batch, 0..12)
}

fn all_of(mut bytes: Bytes) -> Vec<Batch> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (batch, rest) = Batch::first(&bytes).expect("whole batches");
        all.push(batch);
        bytes = rest;
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn offsets_are_dense_and_records_come_back_as_they_went_in(batches in batches(), segment in 100_u64..2000) {
        let log = filled(&batches, &rules(segment));
        let sizes: Vec<usize> = batches.iter().flat_map(|(sizes, _)| sizes.clone()).collect();
        let read = log.records().expect("readable");
        prop_assert_eq!(read.len(), sizes.len());
        for ((record, size), offset) in read.iter().zip(&sizes).zip(0..) {
            prop_assert_eq!(record, &Record { offset, ..record_of(*size) });
        }
    }

    #[test]
    fn batches_are_kept_byte_for_byte_behind_offset_and_epoch(batches in batches()) {
        let log = filled(&batches, &rules(500));
        for (batch, (sizes, codec)) in log.batches().zip(&batches) {
            let sent = produced(sizes, *codec);
            prop_assert_eq!(&batch.bytes()[16..], &sent[16..]);
            prop_assert_eq!(batch.check(), Ok(()));
            prop_assert_eq!(batch.header().leader_epoch, 3);
        }
    }

    #[test]
    fn a_reader_that_goes_on_sees_every_batch_once(batches in batches(), room in 1_usize..3000) {
        let log = filled(&batches, &rules(700));
        let mut seen = Vec::new();
        let mut offset = log.start();
        while offset < log.end() {
            let limit = Limit { until: log.high_watermark(), bytes: room, at_least_one: true };
            let read = log.read(offset, limit);
            // The last batch may be cut off; a reader drops that part and asks for it again.
            let mut left = read.records;
            while let Ok((batch, rest)) = Batch::first(&left) {
                offset = batch.header().last_offset() + 1;
                seen.push(batch);
                left = rest;
            }
        }
        prop_assert_eq!(seen, log.batches().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn a_read_begins_with_the_batch_that_holds_the_offset(batches in batches(), offset in 0_i64..60) {
        let log = filled(&batches, &rules(700));
        let limit = Limit { until: log.high_watermark(), bytes: usize::MAX, at_least_one: true };
        let read = all_of(log.read(offset, limit).records);
        match read.first() {
            Some(first) => {
                let header = first.header();
                prop_assert!((header.base_offset..=header.last_offset()).contains(&offset));
                let ends = read.last().map(|last| last.header().last_offset() + 1);
                let segment_end = log.segments().iter().map(|segment| segment.base).find(|base| *base > offset);
                prop_assert_eq!(ends, Some(segment_end.unwrap_or(log.end())));
            }
            None => prop_assert!(offset >= log.end()),
        }
    }

    #[test]
    fn deleting_moves_the_start_only_and_only_forward(batches in batches(), to in 0_i64..60) {
        let mut log = filled(&batches, &rules(700));
        let end = log.end();
        let moved = log.delete_before(to);
        prop_assert_eq!(moved.is_ok(), to <= end);
        prop_assert_eq!((log.start(), log.end()), (if to <= end { to } else { 0 }, end));
        let first = log.records().expect("readable").first().map(|record| record.offset);
        prop_assert_eq!(first, (log.start() < end).then_some(log.start()));
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Log::default().append(&Bytes::from(bytes), &to(&Rules::default()));
    }

    #[test]
    fn a_batch_that_was_hurt_is_refused(sizes in proptest::collection::vec(0_usize..50, 1..4), codec in 0_i16..=4, place in 21_usize..2000, bit in 0_u8..8) {
        let mut bytes = produced(&sizes, codec).to_vec();
        let place = 21 + place % (bytes.len() - 21);
        bytes[place] ^= 1 << bit;
        prop_assert!(Log::default().append(&Bytes::from(bytes), &to(&Rules::default())).is_err());
    }
}

#[test]
fn what_old_codecs_packed_together_is_unpacked() {
    for codec in 0..=4 {
        let sizes = [10, 70_000, 3];
        let (batch, _) = Batch::first(&produced(&sizes, codec)).expect("a batch");
        assert_eq!(records(&batch).expect("records").len(), 3, "{codec}");
    }
}
