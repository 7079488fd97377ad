//! The language a text is written in: what a word, a folder or a file name says, else its script and words, with how sure that is.

use kb_domain::Locale;

/// Languages whose bare tag is taken for one; `it` and `hr` are departments, `go` and `cs` programming languages.
const BARE: [&str; 10] = ["en", "zh", "ja", "ko", "de", "fr", "es", "pt", "ru", "vi"];

/// Regions that stand behind a language in lower case, too.
const REGIONS: [&str; 18] = [
    "cn", "tw", "hk", "sg", "mo", "us", "gb", "au", "ca", "br", "pt", "mx", "fr", "de", "jp", "kr",
    "ru", "vn",
];

/// Languages that a word about a text may name.
const TAGS: &str = "en zh ja ko de fr es pt ru vi it nl pl sv da nb no fi cs sk hu ro bg el tr uk he ar fa hi bn ta te th id ms tl hr \
sr sl lt lv et ca eu gl is ga ur sw af yue fil";

/// Names of languages, in themselves and in English, without case and spaces.
const NAMES: [(&str, &str); 50] = [
    ("english", "en"),
    ("eng", "en"),
    ("英文", "en"),
    ("英语", "en"),
    ("英語", "en"),
    ("american", "en"),
    ("chinese", "zh-Hans"),
    ("simplifiedchinese", "zh-Hans"),
    ("chinesesimplified", "zh-Hans"),
    ("中文", "zh-Hans"),
    ("简体中文", "zh-Hans"),
    ("中文简体", "zh-Hans"),
    ("简体", "zh-Hans"),
    ("汉语", "zh-Hans"),
    ("chs", "zh-Hans"),
    ("zho", "zh-Hans"),
    ("zhcn", "zh-Hans"),
    ("cn", "zh-Hans"),
    ("mandarin", "zh-Hans"),
    ("traditionalchinese", "zh-Hant"),
    ("chinesetraditional", "zh-Hant"),
    ("繁體中文", "zh-Hant"),
    ("繁体中文", "zh-Hant"),
    ("正體中文", "zh-Hant"),
    ("中文繁體", "zh-Hant"),
    ("繁體", "zh-Hant"),
    ("cht", "zh-Hant"),
    ("zhtw", "zh-Hant"),
    ("tw", "zh-Hant"),
    ("japanese", "ja"),
    ("日本語", "ja"),
    ("日语", "ja"),
    ("jp", "ja"),
    ("korean", "ko"),
    ("한국어", "ko"),
    ("kr", "ko"),
    ("german", "de"),
    ("deutsch", "de"),
    ("french", "fr"),
    ("français", "fr"),
    ("francais", "fr"),
    ("spanish", "es"),
    ("español", "es"),
    ("espanol", "es"),
    ("portuguese", "pt"),
    ("português", "pt"),
    ("russian", "ru"),
    ("русский", "ru"),
    ("vietnamese", "vi"),
    ("thai", "th"),
];

/// The language that a word about a text names: a tag, also of a system (`zh_CN.UTF-8`), or a name.
pub fn named(word: &str) -> Option<Locale> {
    let word = word.trim();
    let tag = word
        .split(['.', '@', ',', ';'])
        .next()
        .unwrap_or(word)
        .trim();
    let language = tag.split(['-', '_']).next()?.to_ascii_lowercase();
    let is_known = TAGS.split_whitespace().any(|known| known == language);
    if is_known && let Ok(locale) = tag.parse() {
        return Some(locale);
    }
    // Longer tags say more than a locale has: `zh-Hans-CN-x-y`.
    let short: Vec<&str> = tag.split(['-', '_']).take(3).collect();
    if is_known && let Ok(locale) = short.join("-").parse() {
        return Some(locale);
    }
    let plain = super::fields::plain(word);
    let known = NAMES.iter().find(|(name, _)| *name == plain)?;
    known.1.parse().ok()
}

/// The language of a folder such as `en`, `EN`, `zh-Hans`, `zh_TW`, `简体中文`, or `intl.en-US`, where the word before the dot is a
/// site of its own, which is answered too.
pub fn of_folder(folder: &str) -> Option<(Locale, Option<String>)> {
    let (site, tag) = match folder.rsplit_once('.') {
        Some((site, tag)) if tag.contains('-') => (Some(site.to_owned()), tag),
        Some(_) => return None,
        None => (None, folder),
    };
    if is_tag(tag) {
        return tag.parse().ok().map(|locale| (locale, site));
    }
    let whole = super::fields::plain(folder);
    let named = NAMES.iter().find(|(name, _)| *name == whole)?;
    // Short names of countries and programs are words for many things.
    let sure = named.0.chars().count() > 3 || !named.0.is_ascii();
    let locale = named.1.parse().ok().filter(|_| sure)?;
    Some((locale, None))
}

/// Whether a word is a tag that nothing else is: one of a region or script, or one of the bare ones.
pub fn is_tag(word: &str) -> bool {
    let mut parts = word.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    if !BARE.contains(&language.as_str()) {
        return false;
    }
    parts.all(|part| {
        let script = matches!(
            part.to_ascii_lowercase().as_str(),
            "hans" | "hant" | "latn" | "cyrl" | "jpan"
        );
        // In lower case two letters are often a word.
        let region = part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase());
        script || region || REGIONS.contains(&part) || part == "419"
    })
}

/// A file's stem without the language at its end, and that language: `a.zh-CN`, `a_zh_TW`, `a-pt-br`. A bare `a_en` or `a_CN` counts
/// only where `others` holds the same name in another language.
pub fn of_stem(stem: &str, others: impl Fn(&str) -> bool) -> Option<(&str, Locale)> {
    if let Some((before, tag)) = stem.rsplit_once('.')
        && is_tag(tag)
        && !before.is_empty()
    {
        return Some((before, tag.parse().ok()?));
    }
    for (at, _) in stem.match_indices(['_', '-']) {
        let (before, tag) = (&stem[..at], &stem[at + 1..]);
        if before.is_empty() || tag.is_empty() {
            continue;
        }
        let explicit = is_tag(tag) && tag.contains(['-', '_']);
        if explicit {
            return Some((before, tag.parse().ok()?));
        }
        let bare = is_tag(tag) || matches!(tag, "CN" | "TW" | "cn" | "tw" | "JP" | "KR");
        if bare && stem.as_bytes()[at] == b'_' && others(before) {
            return Some((before, named(tag)?));
        }
    }
    None
}

/// What a text looks like: its language, and how sure that is in percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The language.
    pub locale: Locale,
    /// How sure that is, up to 100.
    pub sure: u32,
    /// Whether its script alone says so.
    pub by_script: bool,
}

/// Letters that are looked at.
const LETTERS_MAX: usize = 2_000;

/// What a text looks like; `None` for one with too few letters, or too few telling ones.
pub fn seen(text: &str) -> Option<Seen> {
    let letters: String = text
        .chars()
        .filter(|c| c.is_alphabetic() || c.is_whitespace())
        .take(LETTERS_MAX)
        .collect();
    let count = |is: &dyn Fn(char) -> bool| letters.chars().filter(|c| is(*c)).count();
    let all = count(&|c| c.is_alphabetic());
    let han = count(&|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}'));
    let kana = count(&|c| matches!(c, '\u{3041}'..='\u{30ff}'));
    let hangul = count(&|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}'));
    let latin = count(&|c| {
        c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
    });
    // A word of Latin has about five letters, a word of Han two.
    let weight = |n: usize| n * 5 / 2;
    let asian = weight(han) + weight(kana) + weight(hangul);
    let of_script = |tag: &str, part: usize, by_script| {
        Some(Seen {
            locale: tag.parse().ok()?,
            sure: confidence(part, asian + latin + (all - han - kana - hangul - latin)),
            by_script,
        })
    };
    if asian > 0 && asian >= latin {
        if hangul > han + kana {
            return of_script("ko", weight(hangul), true);
        }
        if kana * 20 > han + kana {
            return of_script("ja", weight(han) + weight(kana), true);
        }
        return chinese(&letters, weight(han), asian + latin);
    }
    let others = all - han - kana - hangul - latin;
    for (tag, first, last) in [
        ("th", '\u{e01}', '\u{e7f}'),
        ("el", '\u{370}', '\u{3ff}'),
        ("he", '\u{590}', '\u{5ff}'),
        ("ar", '\u{600}', '\u{6ff}'),
        ("hi", '\u{900}', '\u{97f}'),
        ("ru", '\u{400}', '\u{4ff}'),
    ] {
        let part = count(&|c| (first..=last).contains(&c));
        if part > latin && part * 2 > others {
            let share = |telling: &str| count(&|c| telling.contains(c)) * 100 / part;
            let tag = match tag {
                "ru" if share("іїєґІЇЄҐ") >= 2 => "uk",
                "ru" if share("ъЪ") >= 1 && share("ыэЫЭ") == 0 => "bg",
                "ar" if share("پچژگی") >= 3 => "fa",
                tag => tag,
            };
            return of_script(tag, part, true);
        }
    }
    if all < 40 {
        return None;
    }
    let (tag, sure) = by_words(&letters).filter(|(_, sure)| *sure >= 90)?;
    Some(Seen {
        locale: tag.parse().ok()?,
        sure,
        by_script: false,
    })
}

fn by_words(text: &str) -> Option<(&'static str, u32)> {
    use whatlang::Lang;
    let found = whatlang::detect(text)?;
    let tag = match found.lang() {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
        _ => return None,
    };
    let sure = (found.confidence() * 100.0) as u32;
    found.is_reliable().then_some((tag, sure))
}

/// Characters that only one of the two scripts has, pair by pair.
const PAIRS: &str = "个個们們这這来來为爲国國说說时時会會对對没沒动動还還样樣开開从從实實军軍无無与與长長机機关關点點业業将將两兩间間问問\
应應战戰头頭体體见見产產话話内內给給门門声聲员員论論处處义義认認条條气氣题題尔爾别別变變总總电電数數报報结結务務场場计計\
资資统統区區队隊决決马馬书書则則听聽强強难難权權设設记記类類据據边邊张張该該规規万萬觉覺术術领領确確传傳师師观觀识識带帶\
导導争爭运運码碼货貨订訂单單户戶账賬号號录錄设設删刪请請库庫发發邮郵须須进進过過网網络絡选選择擇连連线線显顯\
输輸转轉费費额額价價买買卖賣贵貴备備误誤错錯级級组組织織专專顾顧标標签籤软軟";

fn chinese(text: &str, part: usize, all: usize) -> Option<Seen> {
    let (mut simplified, mut traditional) = (0_usize, 0_usize);
    let pairs: Vec<char> = PAIRS.chars().collect();
    for c in text.chars() {
        if let Some(at) = pairs.iter().position(|p| *p == c) {
            if at % 2 == 0 {
                simplified += 1;
            } else {
                traditional += 1;
            }
        }
    }
    let (tag, told) = if traditional > simplified {
        ("zh-Hant", traditional)
    } else {
        ("zh-Hans", simplified)
    };
    let both = simplified + traditional;
    // Without a telling character it is Chinese all the same; of which script is a guess.
    let script = match both {
        0 => 60,
        _ => 50 + confidence(told, both) / 2,
    };
    Some(Seen {
        locale: tag.parse().ok()?,
        sure: confidence(part, all).min(script),
        by_script: true,
    })
}

/// A share in percent, lower where little was seen.
fn confidence(part: usize, all: usize) -> u32 {
    let share = part as f64 / all.max(1) as f64;
    let seen = all as f64 / (all as f64 + 2.0);
    (share * seen * 100.0).clamp(1.0, 99.0) as u32
}

#[cfg(test)]
mod tests;
