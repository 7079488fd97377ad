use super::*;
use crate::weights::{SEARCH, TICKET};

fn between_of(text: &str, max: usize) -> Vec<String> {
    let terms = Terms::of(text, &Lexicon::default(), max, Choice::Telling);
    let mut bigrams: Vec<String> = terms.between.into_iter().map(|(b, _)| b).collect();
    bigrams.sort();
    bigrams
}

#[test]
fn neighbors_are_joined_by_the_bigrams_between_them() {
    assert_eq!(between_of("組態基準", 64), ["态基"]);
    assert_eq!(between_of("组态，基准", 64), [""; 0]);
    assert_eq!(between_of("reset the password of VPN 设置", 64), [""; 0]);
    let asked = Terms::of_question("组态基准", &Lexicon::default(), &SEARCH);
    let weighted = asked.weighted(&SEARCH);
    let joined = weighted.iter().find(|t| t.term == "态基").unwrap();
    assert_eq!((joined.field, joined.weight), (fields::BODY_SECOND, 1.0));
}

#[test]
fn a_word_that_is_left_out_joins_nothing() {
    let text = "打印机配置";
    assert_eq!(between_of(text, 64), ["机配"]);
    assert_eq!(between_of(text, 1), [""; 0]);
}

#[test]
fn the_bigrams_between_are_as_many_as_the_words_at_most() {
    let text = "组态基准部署打印机配置用户端密码".repeat(3);
    let terms = Terms::of(&text, &Lexicon::default(), 4, Choice::Telling);
    assert!(terms.between.len() <= 4 && terms.words.len() == 4);
}

#[test]
fn no_question_has_more_terms_than_an_engine_takes() {
    // Han words of four characters, each other than the last one.
    let text: String = (0..300)
        .filter_map(|n| char::from_u32(0x4e00 + n * 7))
        .collect();
    let terms = Terms::of_question(&text.repeat(2), &Lexicon::default(), &SEARCH);
    let latin = "abcdefgh".repeat(3) + " " + &text;
    for asked in [
        terms,
        Terms::of_question(&latin, &Lexicon::default(), &SEARCH),
    ] {
        let weighted = asked.weighted(&SEARCH);
        assert!((100..=UnitQuery::TERMS_MAX).contains(&weighted.len()));
    }
}

#[test]
fn stems_count_more_in_a_question_than_in_a_ticket() {
    let terms = Terms::of_question("resetting", &Lexicon::default(), &SEARCH);
    let stem = |weights: &Weights| {
        let weighted = terms.weighted(weights);
        let of_body = weighted
            .iter()
            .find(|t| t.term == "reset" && t.field == fields::BODY_SECOND);
        of_body.map(|t| t.weight)
    };
    assert!(stem(&SEARCH) > stem(&TICKET));
}
fn lexicon(words: &[(&str, u64)]) -> Lexicon {
    let mut words: Vec<_> = words.iter().map(|(w, n)| ((*w).to_owned(), *n)).collect();
    words.sort();
    Lexicon::build(words, 1_000).unwrap()
}

#[test]
fn a_question_keeps_its_first_words_whatever_is_known() {
    let words: Vec<String> = (0..65).map(|n| format!("word{n}")).collect();
    let text = words.join(" ");
    let asked = |known: &[(&str, u64)]| {
        let terms = Terms::of_question(&text, &lexicon(known), &SEARCH);
        (terms.written(), terms.weighted(&SEARCH).len())
    };
    let (kept, weighted) = asked(&[]);
    assert_eq!(kept, words[..64]);
    for known in [&[("word64", 1)][..], &[("word3", 900), ("word64", 1)]] {
        assert_eq!(asked(known), (kept.clone(), weighted));
    }
}

#[test]
fn words_are_told_in_the_order_of_the_text_and_never_at_length() {
    let ticket = |text: &str| Ticket {
        system: "crm".to_owned(),
        id: "1".to_owned(),
        subject: String::new(),
        description: text.to_owned(),
        messages: Vec::new(),
        tags: Vec::new(),
        locale: None,
        recipients: Vec::new(),
    };
    let known = lexicon(&[("canary", 900), ("rare", 1)]);
    for text in ["canary rare", "rare canary", "canary unheard"] {
        let terms = Terms::of_ticket(&ticket(text), &known, &TICKET);
        assert_eq!(terms.written().join(" "), text);
    }
    let long = Terms::of_ticket(&ticket(&"x-1".repeat(20_000)), &known, &TICKET);
    assert!(
        long.written()
            .iter()
            .all(|w| w.chars().count() <= WRITTEN_MAX_CHARS)
    );
}

#[test]
fn no_word_has_more_bigrams_than_characters_however_long_its_run_is() {
    let size = |text: &str| {
        let tokens = tokens(text);
        let terms = Terms::of(text, &Lexicon::default(), usize::MAX, Choice::Telling);
        let second = terms.words.iter().flat_map(|w| &w.second);
        let kept: usize = second.map(String::len).sum();
        assert!(
            terms
                .words
                .iter()
                .all(|w| w.second.len() <= w.term.chars().count())
        );
        tokens.words.len() + tokens.second.len() + kept
    };
    let ends = |text: &str| format!("記憶體{text}記憶體");
    let runs = [
        "測試網路".repeat(15_000),
        ('\u{4e00}'..'\u{9fa5}').cycle().take(60_000).collect(),
        "記憶體辛巴威".repeat(10_000),
    ];
    for run in runs {
        let (plain, changed) = (size(&run), size(&ends(&run)));
        assert!(changed <= plain + 60, "{changed} instead of {plain}");
        let third: String = run.chars().take(20_000).collect();
        assert!(plain <= 4 * size(&ends(&third)));
    }
}
