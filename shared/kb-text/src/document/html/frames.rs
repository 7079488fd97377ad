//! Frames and players: the address where a reader sees what they would have shown.

use super::scan::Tag;

/// The address that a frame or a player shows, with entities as authored; `None` when it names none.
pub(super) fn address(tag: &Tag<'_>, inside: Option<&str>) -> Option<String> {
    let named = ["src", "data-src", "data", "href"]
        .iter()
        .find_map(|name| tag.value(name));
    let address = named.or(inside)?.trim();
    let address = match address.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => address.to_owned(),
    };
    let shown = address.starts_with("https://") || address.starts_with("http://");
    (shown || relative(&address)).then(|| watched(&address).unwrap_or(address))
}

fn relative(address: &str) -> bool {
    !address.is_empty() && !address.contains(':') && !address.starts_with(['#', '\\'])
}

/// The page of a video for the address of its player.
fn watched(player: &str) -> Option<String> {
    let rest = player.split_once("://")?.1;
    let (host, path) = rest.split_once('/')?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let id = |text: &str| {
        let end = text.find(['?', '&', '/', '#']).unwrap_or(text.len());
        Some(text[..end].to_owned()).filter(|id| !id.is_empty())
    };
    let parameter = |name: &str| {
        path.split_once(&format!("{name}="))
            .and_then(|(_, v)| id(v))
    };
    match host {
        "youtube.com" | "youtube-nocookie.com" => {
            let id = id(path.strip_prefix("embed/")?).filter(|id| id != "videoseries")?;
            Some(format!("https://www.youtube.com/watch?v={id}"))
        }
        "player.vimeo.com" => Some(format!(
            "https://vimeo.com/{}",
            id(path.strip_prefix("video/")?)?
        )),
        "player.bilibili.com" => Some(format!(
            "https://www.bilibili.com/video/{}",
            parameter("bvid")?
        )),
        "player.youku.com" => Some(format!(
            "https://v.youku.com/v_show/id_{}.html",
            id(path.strip_prefix("embed/")?)?
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::watched;

    #[test]
    fn the_player_of_a_video_leads_to_its_page() {
        for (player, page) in [
            (
                "https://www.youtube.com/embed/abc123?rel=0",
                "https://www.youtube.com/watch?v=abc123",
            ),
            (
                "https://player.vimeo.com/video/77?h=1",
                "https://vimeo.com/77",
            ),
            (
                "https://player.bilibili.com/player.html?aid=1&bvid=BV1x&page=1",
                "https://www.bilibili.com/video/BV1x",
            ),
        ] {
            assert_eq!(watched(player).as_deref(), Some(page));
        }
        assert_eq!(watched("https://example.com/embed/1"), None);
    }
}
