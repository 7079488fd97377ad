//! The words by which programs and people say who may read a text.

use crate::fields::plain;

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// True means that it is not for everybody, or not yet: `draft`.
    Closed,
    /// False means so: `published`. A strict one forbids with a word that nobody knows, too.
    Open { strict: bool },
    /// How far it is: `status`.
    State,
    /// When it ends to be true that it is not for everybody: `embargo`.
    Embargo,
    /// Who reads: `visibility`. One that limits says nothing by `false`: `restrictions`.
    Readers { limits: bool },
    /// What one must know.
    Password,
    /// When it begins. A strict one forbids with a time that cannot be read, too.
    From { strict: bool },
    /// When it ends.
    Until,
    /// What search engines are told.
    Robots,
}

const CLOSED: &str = "draft isdraft drafts asdraft private isprivate hidden ishidden hide internal isinternal internalonly \
internaluse internaluseonly unlisted isunlisted unpublished isunpublished unpublish restricted isrestricted confidential \
isconfidential secret issecret noindex nolist wip workinprogress archived isarchived archive trashed istrashed trash deleted \
isdeleted removed disabled isdisabled staffonly agentsonly agentonly employeesonly employeeonly membersonly memberonly adminonly \
adminsonly loginrequired requireslogin requirelogin requiresauth requireauth authrequired requiresauthentication signinrequired \
requiressignin authenticated protected isprotected passwordprotected encrypted encrypt sensitive headless \
searchexclude excludefromsearch hidefromsearch hideinsearch excluded exclude skip ignore ignored nopublish donotpublish \
dontpublish notpublic nonpublic notforpublication expired isexpired pending unreleased notready incomplete unfinished \
sitemapexclude excludefromsitemap paywalled paywall premium membersarea gated invisible inactive invite inviteonly \
deletedat deletedon trashedat removedat archivedat archivedon hiddenat unpublishedat retiredat retireddate \
草稿 隐藏 隱藏 私有 内部 內部 保密 机密 機密 未发布 未發布 下書き 非公開 brouillon entwurf borrador rascunho bozza prive";
const EMBARGO: &str = "embargo embargoed scheduled schedule";
const OPEN: &str = "published ispublished publish public ispublic publicly visible isvisible listed islisted approved isapproved \
released isreleased 公开 公開 发布 發布 已发布 已發布";
const OPEN_LOOSE: &str = "live islive enabled isenabled active isactive online ready index indexed indexable searchable search sitemap render rendered output available finished done complete \
permalink list";
const STATE: &str = "status state articlestatus articlestate pagestatus docstatus documentstatus poststatus contentstatus \
contentstate publicationstatus publicationstate publishstatus publishstate publishingstatus workflow workflowstatus workflowstate \
reviewstatus reviewstate stage lifecycle lifecyclestage lifecyclestatus approval approvalstatus pagestate 状态 狀態";
const READERS: &str = "visibility access accesslevel accesscontrol accessrights acl audience audiences permission permissions sharing \
privacy classification confidentiality sensitivity sensitivitylabel securitylevel securityclassification securitylabel tlp \
readers readableby viewers viewableby canview canread visibleto visiblefor availableto allowed allowedusers allowedroles \
allowedgroups allowedaudience allowedreaders roles usergroups readgroups usersegment usersegments usersegmentid usersegmentids \
segment segments clearance intendedfor intendedaudience 可见性 可見性 权限 權限 受众 受眾 密级 密級";
const READERS_LIMITED: &str =
    "restrictedto restrictto restriction restrictions limitedto only onlyfor";
const PASSWORD: &str = "password passwd passphrase passcode 密码 密碼";
const FROM: &str = "publishdate publishedat publishedon publisheddate publishat publishon publishafter publishtime publicationdate \
releasedate releaseat releaseon releasedat golive golivedate goliveat goliveon liveat liveon livedate livefrom availablefrom \
availableon availableat availableafter visiblefrom visibleat visibleon visibleafter embargountil embargodate embargoeduntil \
embargoends embargoenddate scheduledfor scheduledat scheduledon scheduleddate scheduledate schedulefor effectivedate \
effectivefrom activefrom displayfrom showfrom showafter hiddenuntil hideuntil draftuntil unlistedfrom 发布日期 發布日期 发布时间";
const FROM_LOOSE: &str = "date pubdate datepublished postdate validfrom startdate startsat starts";
const UNTIL: &str = "expirydate expirationdate expiration expiry expires expireson expiresat expire expiredate expireat unpublishdate \
unpublishat unpublishon unpublishafter unpublisheddate validuntil validto validthru validthrough enddate endsat availableuntil \
availabletill availableto visibleuntil visibletill removeat removeon removeafter archiveat archiveon archiveafter displayuntil \
showuntil hideafter hideon hideat sunset sunsetdate liveuntil publishuntil publishto publishedto publisheduntil 过期 到期 失效日期";
const ROBOTS: &str = "robots metarobots googlebot bingbot xrobotstag robotsmeta";

/// What a key says, in whatever spelling, also behind a name space (`page.draft`, `dc:audience`) or with one letter wrong.
pub(super) fn key(key: &str) -> Option<Key> {
    let whole = plain(key);
    let last = key.rsplit(['.', ':', '/']).next().map(plain);
    known(&whole)
        .or_else(|| known(&last.unwrap_or_default()))
        .or_else(|| misspelled(&whole))
}

fn known(name: &str) -> Option<Key> {
    let lists = [
        (CLOSED, Key::Closed),
        (OPEN, Key::Open { strict: true }),
        (OPEN_LOOSE, Key::Open { strict: false }),
        (STATE, Key::State),
        (EMBARGO, Key::Embargo),
        (READERS, Key::Readers { limits: false }),
        (READERS_LIMITED, Key::Readers { limits: true }),
        (PASSWORD, Key::Password),
        (FROM, Key::From { strict: true }),
        (FROM_LOOSE, Key::From { strict: false }),
        (UNTIL, Key::Until),
        (ROBOTS, Key::Robots),
    ];
    let is_listed = |list: &str| list.split_whitespace().any(|word| word == name);
    lists
        .into_iter()
        .find(|(list, _)| is_listed(list))
        .map(|(_, key)| key)
}

/// The words that are missed most dearly when they are spelled wrong, and words that are near them and mean something else.
const DEAR: [&str; 12] = [
    "draft",
    "published",
    "visibility",
    "audience",
    "private",
    "internal",
    "hidden",
    "confidential",
    "restricted",
    "permissions",
    "unlisted",
    "status",
];
const NEAR: [&str; 5] = ["publisher", "drift", "publishes", "interval", "statue"];

fn misspelled(name: &str) -> Option<Key> {
    if name.chars().count() < 5 || NEAR.contains(&name) {
        return None;
    }
    let near = |dear: &&&str| dear.as_bytes()[0] == name.as_bytes()[0] && distance(dear, name) <= 1;
    DEAR.iter().find(near).and_then(|dear| known(dear))
}

/// How many letters were added, left out, replaced or swapped with their neighbor.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// What a value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Yes,
    No,
    /// It is for everybody, now.
    Public,
    /// It says something else, about what the text is about.
    Harmless,
    /// It is not for everybody, or not yet.
    Restricted,
    Unknown,
}

const YES: &str = "true yes y on 1 t ja oui si 是";
const NO: &str = "false no n off 0 f never none null nil nein non 否 不";
const PUBLIC: &str = "public published publish publishes live active everyone everybody anyone anybody all any world open opened \
openaccess released release final finalized finalised approved visible shown listed online complete completed done stable current ga \
generallyavailable generalavailability unrestricted anonymous internet external default enabled ok ready production prod official \
effective inforce valid verified reviewed accepted unclassified tlpclear tlpwhite clear white worldreadable searchable indexable index \
follow indexfollow free unlimited publicaccess publicread read allusers everyonecanview always now 公开 公開 已发布 已發布 发布 發布 \
所有人 全部 任何人";
const HARMLESS: &str = "beta alpha experimental preview new updated deprecated legacy outdated obsolete superseded maintained \
maintenance mature evergreen seedling budding growing informational stale";
const STRONG: &str = "draft drafts indraft isdraft private confidential internal internalonly internaluse internaluseonly unpublished \
hidden unlisted donotpublish dontpublish notpublic nonpublic topsecret secret strictlyconfidential companyconfidential restricted \
noindex staffonly agentsonly employeesonly membersonly adminonly wip workinprogress notforpublication notfordistribution \
donotdistribute embargoed embargo onhold tobereviewed needsreview inreview pendingreview underreview inprogress trash trashed \
deleted archived 草稿 内部 內部 内部资料 內部資料 仅供内部 僅供內部 仅限内部 内部使用 內部使用 保密 机密 機密 绝密 未发布 未發布 私有 \
隐藏 隱藏 下書き 非公開 社外秘 brouillon entwurf borrador vertraulich confidentiel";

/// What a value says, whatever its case and punctuation.
pub(super) fn word(text: &str) -> Word {
    let name = plain(text);
    let is_in = |list: &str| list.split_whitespace().any(|word| word == name);
    if is_in(YES) {
        Word::Yes
    } else if is_in(NO) {
        Word::No
    } else if is_in(PUBLIC) {
        Word::Public
    } else if is_in(HARMLESS) {
        Word::Harmless
    } else if is_strong(text) {
        Word::Restricted
    } else {
        Word::Unknown
    }
}

/// Whether a text is nothing but a word that forbids readers, under whatever key it stands.
pub(super) fn is_strong(text: &str) -> bool {
    let name = plain(text);
    text.chars().count() <= 40 && STRONG.split_whitespace().any(|word| word == name)
}

/// Whether a label is one that forbids readers: words that name a subject as often are none.
pub(super) fn is_strong_label(text: &str) -> bool {
    const SUBJECTS: &str = "secret hidden archived deleted trash trashed restricted embargo";
    let name = plain(text);
    is_strong(text) && !SUBJECTS.split_whitespace().any(|word| word == name)
}

/// Whether a value of this key is prose or a name, which forbids nobody by what it says.
pub(super) fn is_prose(key: &str) -> bool {
    const PROSE: &str = "title name subtitle heading summary description excerpt abstract body html text content id slug url path \
file filename author authors permalink aliases alias redirectfrom linktitle sidebarlabel sidebartitle question answer \
answers questions subject pagetitle standardtitle";
    let name = plain(key);
    PROSE.split_whitespace().any(|word| word == name)
}
