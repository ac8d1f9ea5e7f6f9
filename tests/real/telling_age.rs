//! How old the next record of a group is, read from real brokers: compressed batches, gaps of compaction, markers of transactions,
//! and every login.

use crate::documents::{Lag, LagRow, Plan};
use crate::scene::{Scene, until};
use anyhow::{Context, Result, ensure};
use klerk_testbed::secured::{As, Listener, STORE_PASSWORD, Secured, Store, password_of, secured};
use klerk_testbed::{Client, Record, shared, unique_name};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const HOUR: i64 = 3_600_000;

fn now() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// The rows of a group, and when its records were written by what they tell, as a time before and one after.
struct Told {
    rows: Vec<LagRow>,
    between: (i64, i64),
}

impl Told {
    fn of(scene: &Scene, group: &str) -> Result<Told> {
        let before = now()?;
        let lag: Lag = scene.json(&format!("group lag {group} --time --headroom"), 0)?;
        let between = (before, now()?);
        let group = lag.groups.into_iter().next().context("no group")?;
        Ok(Told { rows: group.partitions, between })
    }

    /// Whether the next record of a partition was written at this time.
    fn is_written(&self, partition: i32, millis: i64) -> Result<()> {
        let row = self.rows.iter().find(|row| row.partition == partition).context("no row")?;
        let behind = row.behind_ms.with_context(|| format!("{row:?}"))?;
        let (before, after) = self.between;
        ensure!((before..=after).contains(&(millis + behind)), "{row:?} should be of {millis}");
        Ok(())
    }
}

#[test]
fn the_time_of_a_record_within_a_batch_however_it_is_compressed() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let first = now()? - HOUR;
    for (number, codec) in ["uncompressed", "gzip", "snappy", "lz4", "zstd"].into_iter().enumerate() {
        let topic = unique_name("age.batches");
        client.create_topic(&topic, 2, 3, &[("compression.type", codec), ("retention.ms", "7200000")])?;
        let times: Vec<i64> = (0..8).map(|nth| first + nth * 60_000).collect();
        let padding = "x".repeat(9_000);
        let records: Vec<Record> = times.iter().map(|at| Record::new(*at, Some("k"), &padding)).collect();
        client.produce(&topic, 0, &records)?;
        // A batch that is larger than what is asked for of one partition.
        client.produce(&topic, 1, &records)?;
        let group = unique_name("age-batches");
        let nth = i64::try_from(number)?;
        client.commit_offsets(&group, &[(&topic, 0, nth + 1), (&topic, 1, 8)])?;
        let told = Told::of(&scene, &group)?;
        told.is_written(0, times[number + 1]).with_context(|| codec.to_owned())?;
        let [row, idle] = &told.rows[..] else { anyhow::bail!("{:?}", told.rows) };
        assert_eq!((idle.behind_ms, idle.headroom_ms), (Some(0), None));
        assert_eq!(row.headroom_ms.zip(row.behind_ms).map(|(left, behind)| left + behind), Some(2 * HOUR));
    }
    Ok(())
}

fn producer(bootstrap: &str, id: &str) -> Result<BaseProducer> {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("transactional.id", id).create()?;
    producer.init_transactions(Duration::from_secs(60))?;
    Ok(producer)
}

#[test]
fn the_marker_of_a_transaction_is_no_record() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let topic = unique_name("age.markers");
    client.create_topic(&topic, 3, 3, &[("retention.ms", "-1")])?;
    let producer = producer(&cluster.bootstrap(), &topic)?;
    let first = now()? - HOUR;
    // In each partition a record and a marker, twice; the second is of a transaction that is taken back.
    for nth in 0..2 {
        producer.begin_transaction()?;
        for partition in 0..3 {
            let record: BaseRecord<'_, str, str> =
                BaseRecord::to(&topic).partition(partition).payload("x").timestamp(first + nth * 60_000);
            producer.send(record).map_err(|(error, _)| error)?;
        }
        match nth {
            0 => producer.commit_transaction(Duration::from_secs(60))?,
            _ => {
                producer.flush(Duration::from_secs(60))?;
                producer.abort_transaction(Duration::from_secs(60))?;
            }
        }
    }
    // The markers are written after the producer is told that its transaction has ended.
    for partition in 0..3 {
        until("both markers are written", || Ok(client.log_end(&topic, partition)? == 4))?;
    }
    let group = unique_name("age-markers");
    client.commit_offsets(&group, &[(&topic, 0, 0), (&topic, 1, 1), (&topic, 2, 3)])?;
    let told = Told::of(&scene, &group)?;
    told.is_written(0, first)?;
    told.is_written(1, first + 60_000)?;
    let last = &told.rows[2];
    assert_eq!((last.lag, last.behind_ms), (Some(1), Some(0)), "nothing but a marker is left");
    Ok(())
}

#[test]
fn a_gap_of_compaction_is_answered_by_the_record_after_it() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let topic = unique_name("age.compacted");
    let configs = [
        ("cleanup.policy", "compact"),
        ("segment.ms", "500"),
        ("min.cleanable.dirty.ratio", "0.001"),
        ("max.compaction.lag.ms", "1000"),
    ];
    client.create_topic(&topic, 1, 3, &configs)?;
    let first = now()? - HOUR;
    let write = |nth: i64| client.produce(&topic, 0, &[Record::new(first + nth * 60_000, Some("k"), "v")]);
    let group = unique_name("age-compacted");
    let mut written = 0;
    client.commit_offsets(&group, &[(&topic, 0, 0)])?;
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        // A segment is only closed by a record that comes after its time, and only what is closed is compacted.
        write(written)?;
        written += 1;
        std::thread::sleep(Duration::from_secs(2));
        let told = Told::of(&scene, &group)?;
        let row = &told.rows[0];
        assert_eq!((row.start, row.committed, row.headroom_ms), (Some(0), Some(0), None));
        if told.is_written(0, first).is_err() {
            // The first record has gone, and the log begins with it all the same.
            ensure!((1..written).any(|nth| told.is_written(0, first + nth * 60_000).is_ok()), "{row:?}");
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "nothing was compacted: {row:?}");
    }
}

#[test]
fn a_reset_tells_the_time_between_old_and_new() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let topic = unique_name("age.reset");
    client.create_topic(&topic, 1, 3, &[("retention.ms", "-1")])?;
    let records: Vec<Record> = (0..60).map(|nth| Record::new(nth * 60_000, None, "x")).collect();
    client.produce(&topic, 0, &records)?;
    let group = unique_name("age-reset");
    client.commit_offsets(&group, &[(&topic, 0, 40)])?;
    for (to, span) in [("--shift-by -10", 10), ("--to-earliest", 40), ("--to-latest", 19)] {
        let plan: Plan = scene.json(&format!("group reset {group} --all-topics {to} --dry-run"), 0)?;
        let partitions = plan.steps[0].partitions.as_ref().context("no partitions")?;
        assert_eq!(partitions[0].span_ms, Some(span * 60_000), "{to}");
    }
    Ok(())
}

/// A topic with a record of an hour ago that a group has not read.
fn unread(client: &Client) -> Result<(String, i64)> {
    let name = unique_name("age.secured");
    client.create_topic(&name, 1, 1, &[])?;
    let at = now()? - HOUR;
    client.produce(&name, 0, &[Record::new(at, None, "x")])?;
    client.commit_offsets(&name, &[(&name, 0, 0)])?;
    Ok((name, at))
}

/// Every way in, as what is to be called what, where and by which settings.
fn ways(secured: &Secured) -> Result<Vec<(String, String, String)>> {
    let mut ways = Vec::new();
    for listener in [Listener::SaslPlaintext, Listener::SaslSsl] {
        for who in [As::Plain("admin"), As::Scram256("admin"), As::Scram512("admin"), As::Token("admin")] {
            let name = format!("{listener:?} {who:?}");
            ways.push((name, secured.at(listener), secured.properties(listener, who)?));
        }
    }
    let certificates = secured.certificates();
    for listener in [Listener::Mtls, Listener::MtlsOld] {
        for form in [Store::Pem, Store::Pkcs12, Store::LegacyPkcs12, Store::Jks] {
            let password = |of: &str| match form {
                Store::Pem => String::new(),
                _ => format!("ssl.{of}.password={STORE_PASSWORD}\n"),
            };
            let properties = format!(
                "security.protocol=SSL\nssl.truststore.location={}\n{}ssl.keystore.location={}\n{}",
                certificates.trust_store(form)?.display(),
                password("truststore"),
                certificates.key_store("operator", form)?.display(),
                password("keystore"),
            );
            ways.push((format!("{listener:?} {form:?}"), secured.at(listener), properties));
        }
    }
    let nameless = format!(
        "security.protocol=SSL\nssl.truststore.location={}\nssl.endpoint.identification.algorithm=\n",
        secured.ca_pem().display()
    );
    ways.push(("another name".to_owned(), secured.at(Listener::WrongHost), nameless));
    let trusting = "security.protocol=SSL\nenable.ssl.certificate.verification=false\n".to_owned();
    ways.push(("anybody".to_owned(), secured.at(Listener::Expired), trusting));
    Ok(ways)
}

#[test]
fn records_are_read_by_the_settings_of_the_connection_whatever_they_are() -> Result<()> {
    let secured = secured()?;
    let (group, at) = unread(&secured.client())?;
    let mut secrets = vec![password_of("admin"), STORE_PASSWORD.to_owned(), "PRIVATE KEY".to_owned()];
    for (way, bootstrap, properties) in ways(secured)? {
        let scene = Scene::new(&bootstrap)?.with_properties(&properties)?;
        let told = Told::of(&scene, &group).with_context(|| way.clone())?;
        told.is_written(0, at).with_context(|| way.clone())?;
        let traced = scene.klerk(&format!("group lag {group} --time -vv")).run()?;
        ensure!(traced.status == Some(0), "{way}: {traced:#?}");
        if let Some(file) = properties.lines().find_map(|line| line.split_once("=file://")) {
            secrets.push(fs::read_to_string(file.1)?.trim().to_owned());
        }
        for secret in &secrets {
            ensure!(!traced.stderr.contains(secret) && !traced.stdout.contains(secret), "{way}: {traced:#?}");
        }
    }
    Ok(())
}

#[test]
fn what_the_data_plane_cannot_do_is_named_and_the_lag_is_told() -> Result<()> {
    let secured = secured()?;
    let (group, _) = unread(&secured.client())?;
    let narrow = secured.properties(Listener::Mtls, As::Certificate("operator"))?;
    let narrow = format!("{narrow}ssl.enabled.protocols=TLSv1.3\n");
    let scene = Scene::new(&secured.mtls())?.with_properties(&narrow)?;
    let lag: Lag = scene.json(&format!("group lag {group} --time"), 3)?;
    let row = &lag.groups[0].partitions[0];
    assert_eq!((row.lag, row.behind_ms), (Some(1), None));
    ensure!(row.reason.as_ref().is_some_and(|reason| reason.contains("ssl.enabled.protocols")), "{row:?}");
    Ok(())
}
