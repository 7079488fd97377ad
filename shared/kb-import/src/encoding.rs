//! Bytes as text: by their mark, by what the file says, by what the command says, else by what they look like, with how sure that is.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use regex::bytes::Regex;
use std::sync::LazyLock;

/// A text, and how its encoding was found where that was not plain.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte-order mark, its lines ended by `\n` or `\r\n`.
    pub text: String,
    /// How it was read, for the report.
    pub note: Option<String>,
}

/// The encoding of a name such as `gbk` or `windows-1252`. Errors: no such encoding, with what there is.
pub fn named(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(name.trim().as_bytes()).map(widest).ok_or_else(|| {
        format!(
            "\"{name}\" is no encoding; use one such as utf-8, gb18030, big5, shift_jis, euc-kr, windows-1252, utf-16le"
        )
    })
}

/// GB18030 holds all of GBK and GB2312.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

static DECLARED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:<meta[^>]{0,200}?charset\s*=\s*|<\?xml[^>]{0,100}?encoding\s*=\s*|@charset\s+|coding[:=]\s*)["']?\s*([A-Za-z0-9_.:-]+)"#)
        .expect("the pattern is a constant of this file")
});

/// Reads a text. Errors: the bytes are no text; the sentence has the remedy.
pub fn decode(bytes: &[u8], wanted: Option<&'static Encoding>) -> Result<Decoded, String> {
    let (text, note) = read(bytes, wanted)?;
    let text = text
        .strip_prefix('\u{feff}')
        .map_or(text.clone(), str::to_owned);
    let text = if text.contains('\r') && !text.contains('\n') {
        text.replace('\r', "\n")
    } else {
        text
    };
    Ok(Decoded { text, note })
}

type Read = (String, Option<String>);

fn read(bytes: &[u8], wanted: Option<&'static Encoding>) -> Result<Read, String> {
    if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return utf_32(bytes).ok_or_else(not_text);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if !(broken && encoding == UTF_8) {
            let note = (encoding != UTF_8)
                .then(|| format!("read as {} by its byte-order mark", encoding.name()));
            return Ok((text.into_owned(), note));
        }
    }
    if let Some(encoding) = wide(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        let note = format!(
            "read as {}, 95% sure; name another with --encoding if that is wrong",
            encoding.name()
        );
        return Ok((text.into_owned(), Some(note)));
    }
    let escapes = bytes.windows(2).any(|w| w == b"\x1b$" || w == b"\x1b(");
    if !escapes
        && !bytes.contains(&0)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Ok((text.to_owned(), None));
    }
    if is_binary(bytes) {
        return Err(not_text());
    }
    if let Some(encoding) = wanted {
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        let note = broken.then(|| {
            format!(
                "not all of it is {}, which --encoding names; what was not is shown as \u{fffd}",
                encoding.name()
            )
        });
        return Ok((text.into_owned(), note));
    }
    let head = &bytes[..bytes.len().min(4_096)];
    let declared = DECLARED
        .captures(head)
        .and_then(|found| Encoding::for_label(&found[1]))
        .map(widest)
        .filter(|e| *e != UTF_8 && *e != UTF_16LE && *e != UTF_16BE);
    if let Some(encoding) = declared {
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        if !broken {
            return Ok((text.into_owned(), None));
        }
    }
    let (encoding, text, sure) = guess(bytes);
    let note = format!(
        "read as {}, {sure}% sure; name another with --encoding if that is wrong",
        encoding.name()
    );
    Ok((text, Some(note)))
}

fn not_text() -> String {
    "not a text in any encoding; save it as UTF-8".to_owned()
}

fn utf_32(bytes: &[u8]) -> Option<Read> {
    let little = bytes.starts_with(&[0xFF, 0xFE]);
    let (units, rest) = bytes[4..].as_chunks::<4>();
    let read = |unit: &[u8; 4]| {
        char::from_u32(if little {
            u32::from_le_bytes(*unit)
        } else {
            u32::from_be_bytes(*unit)
        })
    };
    let text: Option<String> = units.iter().map(read).collect();
    let note = "read as UTF-32 by its byte-order mark".to_owned();
    text.filter(|_| rest.is_empty()).map(|t| (t, Some(note)))
}

/// UTF-16 without a mark: read so, it is text, and more usual text than in the other order of bytes.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(8_192)];
    if bytes.len() < 4 || !bytes.len().is_multiple_of(2) || !head.contains(&0) {
        return None;
    }
    let share = |encoding: &'static Encoding| {
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        let all = text.chars().count();
        let odd = text.chars().filter(|c| is_odd(*c)).count();
        if broken || odd * 50 > all {
            return 0.0;
        }
        let plain = text.chars().filter(char::is_ascii).count() as f64;
        (plain + (all as f64 - plain) * usual(&text)) / all.max(1) as f64
    };
    let (little, big) = (share(UTF_16LE), share(UTF_16BE));
    let (encoding, share) = if little >= big {
        (UTF_16LE, little)
    } else {
        (UTF_16BE, big)
    };
    (share >= 0.4).then_some(encoding)
}

fn is_odd(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{fff0}'..='\u{fff8}')
}

fn is_binary(bytes: &[u8]) -> bool {
    let odd = bytes
        .iter()
        .filter(|b| **b < 0x20 && !matches!(**b, b'\n' | b'\r' | b'\t' | 0x0C | 0x1B))
        .count();
    bytes.contains(&0) || odd * 50 > bytes.len()
}

/// What bytes look like, read so, and how sure that is in percent.
fn guess(bytes: &[u8]) -> (&'static Encoding, String, u32) {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let first = widest(detector.guess(None, Utf8Detection::Deny));
    let candidates = [
        first,
        GB18030,
        encoding_rs::BIG5,
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_KR,
    ];
    let mut best: Option<(&'static Encoding, String, f64)> = None;
    for (n, encoding) in candidates.into_iter().enumerate() {
        if n > 0 && (encoding == first || first == WINDOWS_1252) {
            continue;
        }
        let (text, broken) = encoding.decode_without_bom_handling(bytes);
        let mut share = usual(&text);
        if broken {
            share /= 4.0;
        }
        // The detector has seen more languages than the list below: another reading must be much better than its own.
        let better = best
            .as_ref()
            .is_none_or(|(_, _, known)| share > known + 0.25);
        if better {
            best = Some((encoding, text.into_owned(), share));
        }
    }
    let Some((encoding, text, share)) = best else {
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
        return (WINDOWS_1252, text.into_owned(), 50);
    };
    let seen = text.chars().filter(|c| !c.is_ascii()).count() as f64;
    let broken = text.contains('\u{fffd}');
    // Few characters say little, and unusual ones say that it may be something else.
    let sure = (seen / (seen + 4.0)) * (0.6 + 0.4 * share) * if broken { 0.5 } else { 1.0 };
    (encoding, text, (sure * 100.0).clamp(5.0, 99.0) as u32)
}

/// The most frequent characters of Chinese in both scripts, and of running Japanese and Korean.
const USUAL: &str = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运請問們個這說時會對為國來過發後裡種經麼學現當沒動還進樣開從實軍無與長機關點業將兩間應戰頭體見產話內給門聲員論處走義幾認條係氣題爾別變總電數報結務場計資統區隊決達馬書則聽卻強難權設記類據邊張該規萬覺術領確師觀讓識帶導爭運密码退货订单客户服务账号登录设置修改删除流程保修条款申请说明仓库付款发票电话邮箱密碼訂單客戶帳號登錄設置刪除條款申請說明倉庫發票電話郵箱のはをにがでとしてたるなこれいすまさんかっりらもう。、，：；！？（）「」《》“”—…·이다는을를에의가한고하지로기사리은서자도어";

fn usual(text: &str) -> f64 {
    static SET: LazyLock<std::collections::HashSet<char>> =
        LazyLock::new(|| USUAL.chars().collect());
    let (mut seen, mut known) = (0_u32, 0_u32);
    for c in text.chars().filter(|c| !c.is_ascii()).take(4_000) {
        seen += 1;
        let letter =
            matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{5ff}' | '\u{e01}'..='\u{e5b}');
        known += u32::from(SET.contains(&c) || letter);
    }
    f64::from(known) / f64::from(seen.max(1))
}

type ReadName = Box<dyn Fn(&[u8]) -> String>;

/// Names of files as another system wrote them: all of an archive together say more than one alone.
pub fn names(raw: &[&[u8]], wanted: Option<&'static Encoding>) -> Vec<String> {
    let strange: Vec<&[u8]> = raw
        .iter()
        .copied()
        .filter(|name| std::str::from_utf8(name).is_err())
        .collect();
    let read: ReadName = if strange.is_empty() {
        Box::new(|name| String::from_utf8_lossy(name).into_owned())
    } else if let Some(encoding) = wanted {
        Box::new(move |name| encoding.decode_without_bom_handling(name).0.into_owned())
    } else {
        let (encoding, text, _) = guess(&strange.join(&b"\n"[..]));
        // Between 0x80 and 0xA5 DOS has letters, where Windows has signs that no name holds.
        let dos = strange
            .iter()
            .flat_map(|n| n.iter())
            .filter(|b| **b >= 0x80);
        let (mut letters, mut others) = (0, 0);
        for byte in dos {
            if (0x80..=0xA5).contains(byte) || *byte == 0xE1 {
                letters += 1;
            } else {
                others += 1;
            }
        }
        if encoding.is_single_byte() && letters > others && usual(&text) < 0.9 {
            Box::new(|name| name.iter().map(|b| CP437[usize::from(*b)]).collect())
        } else {
            Box::new(move |name| encoding.decode_without_bom_handling(name).0.into_owned())
        }
    };
    let one = |name: &&[u8]| match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => read(name),
    };
    raw.iter().map(one).collect()
}

/// The code page of DOS, in which ZIP names stand that say nothing else.
static CP437: LazyLock<[char; 256]> = LazyLock::new(|| {
    const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    let mut table = ['\0'; 256];
    for (byte, c) in (0_u8..128).map(char::from).chain(UPPER.chars()).enumerate() {
        table[byte] = c;
    }
    table
});

#[cfg(test)]
mod tests;
