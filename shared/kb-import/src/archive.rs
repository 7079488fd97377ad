//! `.tar.gz` and `.zip`: read as a stream within a budget; nothing is ever written by a name that an archive gives.

use super::access::names::hidden;
use super::encoding;
use super::entry::{
    Budget, Entry, Listing, Refused, is_article, is_export_part, is_image, is_inside, is_navigation,
};
use super::error::Error;
use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// How an archive is read.
pub struct Reading<'a> {
    /// What it may hold.
    pub budget: Budget,
    /// The encoding of names that are not UTF-8, where the command names it.
    pub encoding: Option<&'static Encoding>,
    /// Told from time to time how many bytes of the file were read, of how many.
    pub progress: &'a mut (dyn FnMut(u64, u64) + Send),
}

/// The file of an archive that tells how far it was read.
struct Told<'a> {
    file: File,
    done: u64,
    said: u64,
    total: u64,
    progress: &'a mut (dyn FnMut(u64, u64) + Send),
}

/// Bytes after which a reader tells how far it is.
const TELL_EVERY: u64 = 1 << 20;

impl Read for Told<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.done += read as u64;
        if self.done >= self.said + TELL_EVERY {
            self.said = self.done;
            (self.progress)(self.done.min(self.total), self.total);
        }
        Ok(read)
    }
}

impl Seek for Told<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

fn open<'a>(
    path: &Path,
    progress: &'a mut (dyn FnMut(u64, u64) + Send),
) -> Result<Told<'a>, Error> {
    let file = File::open(path).map_err(|e| Error::unreadable(path, &e))?;
    let total = file.metadata().map_or(0, |m| m.len());
    Ok(Told {
        file,
        done: 0,
        said: 0,
        total,
        progress,
    })
}

/// Everything in a `.tar.gz`. Errors: unreadable, damaged, or over the budget.
pub fn read_tar_gz(path: &Path, reading: Reading) -> Result<Listing, Error> {
    let Reading {
        progress,
        budget,
        encoding: named,
    } = reading;
    let file = open(path, progress)?;
    let mut archive = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
    let mut reader = Reader::new(path, budget);
    for entry in archive.entries().map_err(|e| Error::damaged(path, &e))? {
        let mut entry = entry.map_err(|e| Error::damaged(path, &e))?;
        let name = encoding::names(&[&entry.path_bytes()], named).remove(0);
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() || kind.is_dir() {
            reader.count()?;
        } else if kind.is_file() {
            reader.file(&name, &mut entry)?;
        } else {
            reader.count()?;
            reader.refuse(&name, "it is a link or a device, not a file");
        }
    }
    Ok(reader.listing.finish())
}

/// Everything in a `.zip`. Errors: unreadable, damaged, encrypted, or over the budget.
pub fn read_zip(path: &Path, reading: Reading) -> Result<Listing, Error> {
    let Reading {
        progress,
        budget,
        encoding: named,
    } = reading;
    let file = open(path, progress)?;
    let mut archive =
        zip::ZipArchive::new(BufReader::new(file)).map_err(|e| Error::damaged(path, &e))?;
    let mut reader = Reader::new(path, budget);
    if archive.len() > budget.entries {
        return Err(reader.too_many());
    }
    let names = zip_names(&mut archive, named).map_err(|e| Error::damaged(path, &e))?;
    for (n, name) in names.into_iter().enumerate() {
        let mut entry = archive.by_index(n).map_err(|e| Error::damaged(path, &e))?;
        if entry.is_dir() {
            reader.count()?;
        } else if entry.is_symlink() {
            reader.count()?;
            reader.refuse(&name, "it is a link, not a file");
        } else {
            reader.file(&name, &mut entry)?;
        }
    }
    Ok(reader.listing.finish())
}

/// The names of all entries: as UTF-8 where they are, else in the code page of the system that wrote them. One without a slash has
/// the separators of Windows.
fn zip_names(
    archive: &mut zip::ZipArchive<impl Read + Seek>,
    encoding: Option<&'static Encoding>,
) -> zip::result::ZipResult<Vec<String>> {
    let mut raw = Vec::with_capacity(archive.len());
    for n in 0..archive.len() {
        raw.push(archive.by_index_raw(n)?.name_raw().to_vec());
    }
    let slices: Vec<&[u8]> = raw.iter().map(Vec::as_slice).collect();
    let windows = |name: String| {
        if name.contains('/') {
            name
        } else {
            name.replace('\\', "/")
        }
    };
    let names = encoding::names(&slices, encoding).into_iter();
    Ok(names.map(windows).collect())
}

struct Reader<'a> {
    path: &'a Path,
    budget: Budget,
    entries: usize,
    bytes: u64,
    listing: Listing,
}

impl<'a> Reader<'a> {
    fn new(path: &'a Path, budget: Budget) -> Self {
        Self {
            path,
            budget,
            entries: 0,
            bytes: 0,
            listing: Listing::default(),
        }
    }

    fn too_many(&self) -> Error {
        Error::Refused(format!(
            "{} holds more than {} entries; split it into smaller archives",
            self.path.display(),
            self.budget.entries
        ))
    }

    fn count(&mut self) -> Result<(), Error> {
        self.entries += 1;
        if self.entries > self.budget.entries {
            Err(self.too_many())
        } else {
            Ok(())
        }
    }

    fn refuse(&mut self, name: &str, reason: &str) {
        self.listing.refused.push(Refused {
            path: name.to_owned(),
            reason: reason.to_owned(),
        });
    }

    fn file(&mut self, name: &str, content: &mut impl Read) -> Result<(), Error> {
        self.count()?;
        let name = name.strip_prefix("./").unwrap_or(name);
        if !is_inside(name) {
            self.refuse(name, "its path leaves the archive");
            return self.drain(content);
        }
        if let Some(reason) = hidden(name).filter(|_| !is_navigation(name)) {
            self.refuse(name, reason);
            return self.drain(content);
        }
        let export_part = is_export_part(name);
        if !is_article(name) && !is_image(name) && !export_part && !is_navigation(name) {
            self.refuse(name, "not a Markdown, HTML, text or image file");
            return self.drain(content);
        }
        let mut bytes = Vec::new();
        let limit = if export_part {
            self.budget.total_bytes
        } else {
            self.budget.entry_bytes
        };
        content
            .by_ref()
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| Error::damaged(self.path, &e))?;
        self.spend(bytes.len() as u64)?;
        if bytes.len() as u64 > limit {
            self.refuse(name, &format!("larger than {limit} bytes after unpacking"));
            return self.drain(content);
        }
        let list = if export_part {
            &mut self.listing.export
        } else if is_navigation(name) {
            &mut self.listing.navigation
        } else {
            &mut self.listing.entries
        };
        list.push(Entry {
            path: name.to_owned(),
            bytes,
        });
        Ok(())
    }

    /// Reads what is left of an entry, counting it: a tar cannot skip without unpacking, so a bomb is stopped here too.
    fn drain(&mut self, content: &mut impl Read) -> Result<(), Error> {
        let mut buffer = [0_u8; 16_384];
        loop {
            match content
                .read(&mut buffer)
                .map_err(|e| Error::damaged(self.path, &e))?
            {
                0 => return Ok(()),
                n => self.spend(n as u64)?,
            }
        }
    }

    fn spend(&mut self, bytes: u64) -> Result<(), Error> {
        self.bytes += bytes;
        if self.bytes > self.budget.total_bytes {
            return Err(Error::Refused(format!(
                "{} unpacks to more than {} bytes; nothing was imported; split it into smaller archives",
                self.path.display(),
                self.budget.total_bytes
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn reading(budget: Budget) -> Reading<'static> {
        Reading {
            budget,
            encoding: None,
            progress: Box::leak(Box::new(|_, _| {})),
        }
    }

    fn tar_gz(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let gz = flate2::write::GzEncoder::new(file.reopen().unwrap(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(gz);
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            // Written past the safe setter: hostile names are the point of these tests.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap();
        file
    }

    #[test]
    fn an_archive_gives_its_articles_and_names_the_rest() {
        let file = tar_gz(&[
            ("./a.md", b"A"),
            ("x/b\nc.md", b"B"),
            ("../evil.md", b"E"),
            ("/abs.md", b"E"),
            ("data.bin", b"0"),
        ]);
        let listing = read_tar_gz(file.path(), reading(Budget::default())).unwrap();
        let names: Vec<&str> = listing.entries.iter().map(|e| e.path.as_str()).collect();
        assert_eq!(names, ["a.md", "x/b\nc.md"]);
        let refused: Vec<&str> = listing.refused.iter().map(|e| e.path.as_str()).collect();
        assert_eq!(refused, ["../evil.md", "/abs.md", "data.bin"]);
    }

    #[test]
    fn case_031_a_bomb_is_refused_whole_within_its_budget() {
        let zeros = vec![0_u8; 3_000_000];
        let budget = Budget {
            total_bytes: 5_000_000,
            ..Budget::default()
        };
        for name in ["a.md", "a.bin"] {
            let file = tar_gz(&[(name, &zeros), ("b.bin", &zeros)]);
            assert!(
                matches!(
                    read_tar_gz(file.path(), reading(budget)),
                    Err(Error::Refused(_))
                ),
                "{name}"
            );
        }
    }

    #[test]
    fn an_entry_that_is_too_large_is_refused_by_name_and_the_rest_comes_in() {
        let large = vec![b'x'; 2_000];
        let file = tar_gz(&[("large.md", &large), ("small.md", b"ok")]);
        let listing = read_tar_gz(
            file.path(),
            reading(Budget {
                entry_bytes: 1_000,
                ..Budget::default()
            }),
        )
        .unwrap();
        assert_eq!(listing.entries.len(), 1);
        assert_eq!(listing.refused[0].path, "large.md");
    }

    #[test]
    fn too_many_entries_are_refused() {
        let file = tar_gz(&[("a.md", b"A"), ("b.md", b"B"), ("c.md", b"C")]);
        let result = read_tar_gz(
            file.path(),
            reading(Budget {
                entries: 2,
                ..Budget::default()
            }),
        );
        assert!(matches!(result, Err(Error::Refused(_))));
    }

    #[test]
    fn a_damaged_archive_is_said_to_be_damaged() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"not an archive").unwrap();
        assert!(matches!(
            read_tar_gz(file.path(), reading(Budget::default())),
            Err(Error::Damaged { .. })
        ));
        assert!(matches!(
            read_zip(file.path(), reading(Budget::default())),
            Err(Error::Damaged { .. })
        ));
    }

    #[test]
    fn a_zip_reads_like_a_tar() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for name in ["帮助/重置密码.md", "../evil.md", "notes.docx"] {
            writer.start_file(name, options).unwrap();
            writer.write_all("正文".as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let listing = read_zip(file.path(), reading(Budget::default())).unwrap();
        assert_eq!(listing.entries[0].path, "帮助/重置密码.md");
        assert_eq!(listing.refused.len(), 2);
    }
}
