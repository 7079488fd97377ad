//! Cases 31 and 32: archives and files of lines that lie, swell, or lead outside.

use kb_domain::TranslationDraft;
use kb_import::archive::Reading;
use kb_import::entry::{Budget, Listing};
use kb_import::plan::{Asked, Planned, plan};
use kb_import::{Error, archive, jsonl};
use std::io::Write;
use std::path::Path;

/// One entry of a ZIP as its directory tells it, true or not.
#[derive(Clone)]
struct Told<'a> {
    name: &'a [u8],
    content: &'a [u8],
    /// The size before packing that the directory claims; the true one when absent.
    claims: Option<u32>,
    /// Unix mode in the directory.
    mode: u32,
    /// Whether the directory points at the content of the entry before, so that one content counts twice.
    shares: bool,
}

fn told<'a>(name: &'a str, content: &'a [u8]) -> Told<'a> {
    Told {
        name: name.as_bytes(),
        content,
        claims: None,
        mode: 0o100_644,
        shares: false,
    }
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A ZIP written byte by byte, for no library writes one like these. `count` is the number of entries that its end claims.
fn zip(entries: &[Told], count: Option<u16>) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let mut start = 0_u32;
    let mut packed = Vec::new();
    for entry in entries {
        let mut crc = flate2::Crc::new();
        crc.update(entry.content);
        let size = entry
            .claims
            .unwrap_or(u32::try_from(entry.content.len()).unwrap());
        let mut common = Vec::new();
        if !entry.shares {
            start = u32::try_from(bytes.len()).unwrap();
            packed = deflated(entry.content);
        }
        for number in [20_u16, 0, 8, 0, 0] {
            common.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), u32::try_from(packed.len()).unwrap(), size] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        if !entry.shares {
            bytes.extend(b"PK\x03\x04");
            bytes.extend(&common);
            bytes.extend(entry.name);
            bytes.extend(&packed);
        }
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(start.to_le_bytes());
        directory.extend(entry.name);
    }
    let at = u32::try_from(bytes.len()).unwrap();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    let count = count.unwrap_or(u16::try_from(entries.len()).unwrap());
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    bytes
}

const SMALL: Budget = Budget {
    entries: 1_000,
    entry_bytes: 1_000_000,
    total_bytes: 4_000_000,
};

/// Reads an archive in a folder of its own, and holds that nothing was written beside it.
fn read(name: &str, bytes: &[u8]) -> Result<Listing, Error> {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let path = inner.join(name);
    std::fs::write(&path, bytes).unwrap();
    let reading = Reading {
        budget: SMALL,
        encoding: None,
        progress: &mut |_, _| {},
    };
    let result = if Path::new(name).extension().is_some_and(|e| e == "zip") {
        archive::read_zip(&path, reading)
    } else {
        archive::read_tar_gz(&path, reading)
    };
    let names = |path: &Path| std::fs::read_dir(path).unwrap().count();
    assert_eq!((names(folder.path()), names(&inner)), (1, 1));
    if let Ok(listing) = &result {
        let total: usize = listing.entries.iter().map(|e| e.bytes.len()).sum();
        assert!(total as u64 <= SMALL.total_bytes);
    }
    result
}

/// The names of what became an article, and of what the report says is wrong.
fn report(listing: Listing) -> (Vec<String>, Vec<String>) {
    let (mut articles, mut failed) = (Vec::new(), Vec::new());
    for planned in plan(listing, &Asked::default()) {
        match planned {
            Planned::Article(item) => articles.push(item.name.clone()),
            Planned::Failed { name, .. } => failed.push(name),
            Planned::Skipped { .. } => {}
        }
    }
    (articles, failed)
}

#[test]
fn case_031_names_that_lead_outside_or_collide_are_lines_of_the_report() {
    let mut link = told("link.md", b"/etc/passwd");
    link.mode = 0o120_777;
    let archive = zip(
        &[
            told("docs/good.md", b"Good."),
            told("../up.md", b"x"),
            told("docs/../../up.md", b"x"),
            told("/absolute.md", b"x"),
            told("C:\\drive.md", b"x"),
            told("docs\\..\\..\\back.md", b"x"),
            told("\\\\host\\share.md", b"x"),
            told("docs/nul\0.md", b"x"),
            link,
            told("docs/twice.md", b"first"),
            told("docs/TWICE.md", b"second"),
            told("docs/line\nbreak.md", b"A name of two lines."),
            told("docs/inner.zip", b"PK\x03\x04"),
        ],
        None,
    );
    let (articles, failed) = report(read("names.zip", &archive).unwrap());
    // Names that differ in case alone are two files.
    assert_eq!(articles.len(), 4, "{articles:?}");
    assert!(
        articles.iter().any(|name| name == "docs/line\nbreak.md"),
        "{articles:?}"
    );
    assert_eq!(failed.len(), 8, "{failed:?}");
}

#[test]
fn case_031_links_and_devices_of_a_tar_are_lines_of_the_report() {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (name, kind) in [
        ("hard.md", tar::EntryType::Link),
        ("soft.md", tar::EntryType::Symlink),
        ("pipe.md", tar::EntryType::Fifo),
        ("disk.md", tar::EntryType::Block),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_path(name).unwrap();
        header.set_link_name("../../../etc/passwd").unwrap();
        header.set_cksum();
        builder.append(&header, &[][..]).unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o644);
    header.set_cksum();
    builder
        .append_data(&mut header, "good.md", &b"Good."[..])
        .unwrap();
    let bytes = builder.into_inner().unwrap().finish().unwrap();
    let (articles, failed) = report(read("links.tar.gz", &bytes).unwrap());
    assert_eq!((articles.len(), failed.len()), (1, 4), "{failed:?}");
}

#[test]
fn case_031_what_swells_or_overlaps_is_refused_within_its_budget() {
    let zeros = vec![b'0'; 900_000];
    let large = vec![b'0'; 3_000_000];
    // Each is small enough alone; together they are not. One content told many times is read many times.
    let names: Vec<String> = (0..20).map(|n| format!("{n}.md")).collect();
    for shares in [false, true] {
        let entries: Vec<Told> = names
            .iter()
            .enumerate()
            .map(|(n, name)| Told {
                shares: shares && n > 0,
                ..told(name, &zeros)
            })
            .collect();
        let result = read("swells.zip", &zip(&entries, None));
        assert!(
            matches!(result, Err(Error::Refused(_) | Error::Damaged { .. })),
            "shares: {shares}"
        );
    }
    // One that says it is small and is not, one that says it is large and is not.
    for (content, claims) in [(&large[..], 10), (&b"x"[..], u32::MAX - 1)] {
        let lying = Told {
            claims: Some(claims),
            ..told("lies.md", content)
        };
        match read("lies.zip", &zip(&[lying], None)) {
            Err(Error::Refused(_) | Error::Damaged { .. }) => {}
            Err(other) => panic!("{other}"),
            Ok(listing) => assert!(
                listing
                    .entries
                    .iter()
                    .all(|e| e.bytes.len() as u64 <= SMALL.entry_bytes)
            ),
        }
    }
    // An archive in an archive is not opened.
    let nested = zip(
        &[told("bomb.zip", &zip(&[told("a.md", &large)], None))],
        None,
    );
    let listing = read("nested.zip", &nested).unwrap();
    assert_eq!((listing.entries.len(), listing.refused.len()), (0, 1));
    // A stream of many small members that never ends in one of them.
    let mut endless = Vec::new();
    for _ in 0..10 {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        member.write_all(&zeros).unwrap();
        endless.extend(member.finish().unwrap());
    }
    assert!(read("endless.tar.gz", &endless).is_err());
}

#[test]
fn case_031_a_directory_that_promises_a_million_entries_is_refused_at_once() {
    let one = [told("a.md", b"A")];
    assert!(read("promise.zip", &zip(&one, Some(u16::MAX))).is_err());
    // The form for more than 65,535 entries, with a directory that holds one.
    let plain = zip(&one, None);
    let end = plain.len() - 22;
    let size = u64::from(u32::from_le_bytes(
        plain[end + 12..end + 16].try_into().unwrap(),
    ));
    let at = u64::from(u32::from_le_bytes(
        plain[end + 16..end + 20].try_into().unwrap(),
    ));
    let mut bytes = plain[..end].to_vec();
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [1_000_000, 1_000_000, size, at] {
        bytes.extend(u64::to_le_bytes(number));
    }
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend((end as u64).to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([0xFF; 12]);
    bytes.extend([0; 2]);
    assert!(read("million.zip", &bytes).is_err());
    // As many as are allowed and one more.
    let names: Vec<String> = (0..=SMALL.entries).map(|n| format!("{n}.md")).collect();
    let many: Vec<Told> = names.iter().map(|name| told(name, b"A")).collect();
    assert!(matches!(
        read("many.zip", &zip(&many, None)),
        Err(Error::Refused(_))
    ));
}

#[test]
fn case_031_a_file_that_is_not_what_its_name_says_is_an_article_or_a_line_of_the_report() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0";
    let wide: Vec<u8> = "<h1>Wide</h1>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let archive = zip(
        &[
            told("picture.md", png),
            told("wide.html", &wide),
            told("nul.txt", b"a\0b"),
            told("latin.html", b"<p>caf\xe9</p>"),
            told("empty.md", b""),
            told("script.png", b"<script>alert(1)</script>"),
            told("front.md", b"---\ntitle: [unclosed\n---\nText"),
            told(
                "page.md",
                b"<html><body><p>HTML in Markdown</p></body></html>",
            ),
        ],
        None,
    );
    let planned = plan(read("types.zip", &archive).unwrap(), &Asked::default());
    assert_eq!(planned.len(), 8);
    for one in &planned {
        match one {
            // What no store keeps is refused when it is stored, by the check that every save makes.
            Planned::Article(item) => {
                let draft = TranslationDraft {
                    title: item.title.clone(),
                    summary: item.summary.clone(),
                    body: item.body.clone(),
                    note: String::new(),
                };
                assert_eq!(
                    draft.check().is_err(),
                    item.body.source.contains('\0'),
                    "{item:?}"
                );
            }
            Planned::Failed { reason, .. } | Planned::Skipped { reason, .. } => {
                assert!(!reason.is_empty());
            }
        }
    }
    let failed = planned
        .iter()
        .filter(|p| matches!(p, Planned::Failed { .. }))
        .count();
    // The picture is no text; the others are texts in some encoding.
    assert_eq!(failed, 2, "{planned:?}");
}

#[test]
fn case_032_each_bad_line_is_refused_by_its_number_and_the_rest_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.jsonl.gz");
    let mut file = flate2::write::GzEncoder::new(
        std::fs::File::create(&path).unwrap(),
        flate2::Compression::fast(),
    );
    let many_columns: String = (0..100_000).map(|n| format!("\"c{n}\":1,")).collect();
    let wide: Vec<u8> = "{\"id\":\"wide\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .filter(|b| *b != b'\n')
        .collect();
    let huge = vec![b'x'; 30_000_000];
    let lines: [(&[u8], bool); 8] = [
        (
            b"{\"id\":\"first\",\"title\":\"First\",\"body\":\"Text\"}",
            true,
        ),
        (b"{\"id\":\"unterminated", false),
        (&wide, false),
        (b"{\"title\":\"without an id\"}", false),
        (b"{\"id\":[\"types\"],\"title\":7}", false),
        (&huge, false),
        (
            &[
                b"{",
                many_columns.as_bytes(),
                b"\"id\":\"columns\",\"title\":\"Many columns\",\"body\":\"x\"}",
            ]
            .concat(),
            true,
        ),
        (
            b"{\"id\":\"last\",\"title\":\"Last\",\"body\":\"Text\"}",
            true,
        ),
    ];
    for (line, _) in &lines {
        file.write_all(line).unwrap();
        file.write_all(b"\n").unwrap();
    }
    file.finish().unwrap();
    let mut read = jsonl::open(&path).unwrap();
    for (n, (_, good)) in (1..).zip(lines) {
        let (number, record) = read.next_line().unwrap().unwrap();
        assert_eq!((number, record.is_ok()), (n, good), "{:?}", record.err());
    }
    assert!(read.next_line().unwrap().is_none());
}
