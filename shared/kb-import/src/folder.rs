//! A folder of Markdown and HTML files.

use super::access::names::hidden;
use super::encoding;
use super::entry::{Budget, Entry, Listing, Refused, is_article, is_image, is_navigation};
use super::error::Error;
use crate::manifest::MANIFEST;
use encoding_rs::Encoding;
use std::path::Path;

/// Everything below `root`. Hidden files and links are named as refused; a name that is no UTF-8 is read in `encoding`, or in what
/// it looks like. Errors: unreadable root, or over the budget.
pub fn read(
    root: &Path,
    budget: Budget,
    encoding: Option<&'static Encoding>,
) -> Result<Listing, Error> {
    let mut listing = Listing::default();
    let mut folders = vec![(root.to_path_buf(), String::new())];
    let (mut count, mut total) = (0_usize, 0_u64);
    while let Some((folder, prefix)) = folders.pop() {
        let children = match std::fs::read_dir(&folder) {
            Ok(children) => children,
            Err(e) if prefix.is_empty() => return Err(Error::unreadable(root, &e)),
            Err(e) => {
                listing.refused.push(Refused {
                    path: prefix,
                    reason: format!("the folder cannot be read: {e}"),
                });
                continue;
            }
        };
        for child in children {
            let child = child.map_err(|e| Error::unreadable(&folder, &e))?;
            count += 1;
            if count > budget.entries {
                return Err(Error::Refused(format!(
                    "{} holds more than {} entries",
                    root.display(),
                    budget.entries
                )));
            }
            let name = child.file_name();
            let name = encoding::names(&[name.as_encoded_bytes()], encoding).remove(0);
            let path = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}/{name}")
            };
            let mut refuse = |reason: &str| {
                listing.refused.push(Refused {
                    path: path.clone(),
                    reason: reason.to_owned(),
                });
            };
            let kind = child
                .file_type()
                .map_err(|e| Error::unreadable(&child.path(), &e))?;
            if name == MANIFEST {
                return Err(Error::Refused(format!(
                    "{} holds an export in {}; import that folder by itself",
                    root.display(),
                    folder.display()
                )));
            }
            if let Some(reason) = hidden(&name).filter(|_| !is_navigation(&name)) {
                refuse(reason);
            } else if kind.is_dir() {
                folders.push((child.path(), path));
            } else if !kind.is_file() {
                refuse("it is a link or a device, not a file");
            } else if !is_article(&name) && !is_image(&name) && !is_navigation(&name) {
                refuse("not a Markdown, HTML, text or image file");
            } else {
                let size = child.metadata().map_or(0, |m| m.len());
                total += size;
                if size > budget.entry_bytes {
                    refuse(&format!("larger than {} bytes", budget.entry_bytes));
                } else if total > budget.total_bytes {
                    return Err(Error::Refused(format!(
                        "{} holds more than {} bytes; import it in parts",
                        root.display(),
                        budget.total_bytes
                    )));
                } else {
                    match std::fs::read(child.path()) {
                        Ok(bytes) if is_navigation(&name) => {
                            listing.navigation.push(Entry { path, bytes });
                        }
                        Ok(bytes) => listing.entries.push(Entry { path, bytes }),
                        Err(e) => refuse(&format!("cannot be read: {e}")),
                    }
                }
            }
        }
    }
    Ok(listing.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_articles_in_order_and_names_the_rest() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("b/c")).unwrap();
        for (name, text) in [
            ("b/c/2.md", "two"),
            ("b/1.html", "one"),
            (".hidden.md", "no"),
            ("x.pdf", "no"),
        ] {
            std::fs::write(root.path().join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("link.md")).unwrap();
        let listing = read(root.path(), Budget::default(), None).unwrap();
        let names: Vec<&str> = listing.entries.iter().map(|e| e.path.as_str()).collect();
        assert_eq!(names, ["b/1.html", "b/c/2.md"]);
        assert_eq!(listing.refused.len(), 3);
    }
}
