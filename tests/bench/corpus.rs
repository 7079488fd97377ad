//! Invented articles: words by Zipf's law, one article in twenty in Chinese, the same for the same seed.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::Path;

const SEED: u64 = 10_000;
const VOCABULARY: usize = 20_000;
const BODY_WORDS: usize = 80;
/// Every article with a number divisible by this one is in Chinese.
const HAN_EVERY: usize = 20;
const SYLLABLES: [&str; 24] = [
    "ba", "dor", "fe", "gin", "ka", "lo", "mer", "ni", "pa", "ru", "sel", "ti", "va", "zon", "bri",
    "cal", "du", "fen", "ho", "lin", "mo", "que", "sta", "tur",
];
const HAN: [&str; 48] = [
    "密码",
    "重置",
    "账户",
    "登录",
    "网络",
    "打印",
    "文件",
    "邮件",
    "设置",
    "安装",
    "更新",
    "系统",
    "服务器",
    "连接",
    "错误",
    "用户",
    "权限",
    "申请",
    "审批",
    "报销",
    "发票",
    "合同",
    "假期",
    "工资",
    "考勤",
    "会议室",
    "电脑",
    "手机",
    "软件",
    "硬件",
    "备份",
    "恢复",
    "删除",
    "新建",
    "查看",
    "下载",
    "上传",
    "浏览器",
    "证书",
    "防火墙",
    "客户",
    "订单",
    "退款",
    "物流",
    "价格",
    "支付",
    "问题",
    "帮助",
];

/// An article.
pub(crate) struct Article {
    pub id: String,
    pub title: String,
    pub body: String,
    pub locale: &'static str,
}

/// The articles, and the source of the questions about them.
pub(crate) struct Corpus {
    pub articles: Vec<Article>,
    random: StdRng,
}

/// A choice among ranks: the n-th is taken with a weight of 1/(n + 1).
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(ranks: usize) -> Self {
        let mut sum = 0.0;
        Self(
            (1..=ranks)
                .map(|rank| {
                    sum += 1.0 / (rank as f64 + 1.0);
                    sum
                })
                .collect(),
        )
    }

    fn rank(&self, random: &mut StdRng) -> usize {
        let sum = self.0.last().copied().unwrap_or_default();
        let at = random.random::<f64>() * sum;
        self.0.partition_point(|s| *s < at).min(self.0.len() - 1)
    }
}

fn vocabulary(random: &mut StdRng) -> Vec<String> {
    let mut known = std::collections::BTreeSet::new();
    let mut words = Vec::with_capacity(VOCABULARY);
    while words.len() < VOCABULARY {
        let syllables = random.random_range(2..=4);
        let word: String = (0..syllables)
            .map(|_| SYLLABLES[random.random_range(0..SYLLABLES.len())])
            .collect();
        if known.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

impl Corpus {
    /// So many articles.
    pub fn new(articles: usize) -> Self {
        let mut random = StdRng::seed_from_u64(SEED);
        let words = vocabulary(&mut random);
        let (latin, han) = (Zipf::new(words.len()), Zipf::new(HAN.len()));
        let made = (0..articles).map(|n| {
            let is_han = n % HAN_EVERY == 0;
            let mut text = |count: usize| -> String {
                let mut picked = (0..count).map(|_| {
                    if is_han {
                        HAN[han.rank(&mut random)]
                    } else {
                        words[latin.rank(&mut random)].as_str()
                    }
                });
                if is_han {
                    picked.collect()
                } else {
                    picked.by_ref().collect::<Vec<_>>().join(" ")
                }
            };
            Article {
                id: n.to_string(),
                title: text(5),
                body: text(BODY_WORDS),
                locale: if is_han { "zh-Hans" } else { "en" },
            }
        });
        let articles = made.collect();
        Self { articles, random }
    }

    /// Questions of two to four words that stand in one article; of a Chinese one, a stretch of its text.
    pub fn questions(&mut self, count: usize) -> Vec<String> {
        let (articles, random) = (&self.articles, &mut self.random);
        (0..count)
            .map(|_| {
                let article = &articles[random.random_range(0..articles.len())];
                let wanted = random.random_range(2..=4);
                if article.locale == "en" {
                    let all: Vec<&str> = article.body.split(' ').collect();
                    let mut picked: Vec<&str> = Vec::new();
                    while picked.len() < wanted {
                        let word = all[random.random_range(0..all.len())];
                        if !picked.contains(&word) {
                            picked.push(word);
                        }
                    }
                    picked.join(" ")
                } else {
                    let all: Vec<char> = article.body.chars().collect();
                    let start = random.random_range(0..all.len() - wanted * 2);
                    all[start..start + wanted * 2].iter().collect()
                }
            })
            .collect()
    }

    /// As a file that `import` reads.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = BufWriter::new(std::fs::File::create(path)?);
        for article in &self.articles {
            let line = json!({"id": article.id, "title": article.title, "body": article.body, "lang": article.locale});
            writeln!(file, "{line}")?;
        }
        file.flush()
    }
}
