//! What the values of kb-domain look like in JSON. The domain knows no OpenAPI, so their descriptions stand here; each is named
//! in a `#[schema(value_type = ...)]` and never made.

#![expect(dead_code, reason = "described, never made")]

use utoipa::ToSchema;

/// Who may see a thing: any of these, all of those, none of these. One that says nothing admits nobody.
#[derive(ToSchema)]
#[schema(as = Audience)]
pub struct AudienceSchema {
    /// At least one must hold.
    any: Option<Vec<ClauseSchema>>,
    /// Every one must hold.
    all: Option<Vec<ClauseSchema>>,
    /// None may hold.
    none: Option<Vec<ClauseSchema>>,
}

/// One condition on a reader.
#[derive(ToSchema)]
#[schema(as = Clause, rename_all = "snake_case")]
pub enum ClauseSchema {
    /// At least this far inside.
    Level(LevelSchema),
    /// A member of this segment.
    Segment(String),
    /// In this department.
    Department(String),
    /// In this region.
    Region(String),
    /// On this product version.
    ProductVersion(String),
    /// This person.
    Person(String),
}

/// How far inside the company a reader stands.
#[derive(ToSchema)]
#[schema(as = Level, rename_all = "snake_case")]
pub enum LevelSchema {
    /// Anybody.
    Public,
    /// Signed-in customers and everybody who works here.
    Customer,
    /// Everybody who works here.
    Employee,
    /// Those who answer customers.
    Agent,
}

/// The sort of knowledge.
#[derive(ToSchema)]
#[schema(as = Kind, rename_all = "snake_case")]
pub enum KindSchema {
    /// Facts and data.
    Explicit,
    /// How to apply facts.
    Implicit,
    /// Experience.
    Tacit,
}

/// A body as authored.
#[derive(ToSchema)]
#[schema(as = Body)]
pub struct BodySchema {
    /// How it is written.
    format: FormatSchema,
    /// The text.
    source: String,
}

/// How a body is written.
#[derive(ToSchema)]
#[schema(as = BodyFormat, rename_all = "snake_case")]
pub enum FormatSchema {
    /// GitHub-flavored Markdown.
    Markdown,
    /// HTML.
    Html,
    /// Plain text.
    Text,
}

/// A section of a portal.
#[derive(ToSchema)]
#[schema(as = Placement)]
pub struct PlacementSchema {
    /// The portal.
    portal: String,
    /// The section.
    section: String,
    /// Its place in the section; equal ones are ordered by id.
    position: u32,
}

/// Where an article came from.
#[derive(ToSchema)]
#[schema(as = ExternalId)]
pub struct ExternalIdSchema {
    /// The system or import source.
    source: String,
    /// Its id there.
    id: String,
}

/// One field that is wrong, and how.
#[derive(ToSchema)]
#[schema(as = FieldError)]
pub struct FieldErrorSchema {
    /// JSON pointer of the field in the request.
    pointer: String,
    /// Stable machine word.
    code: String,
    /// A sentence with the remedy.
    detail: String,
}

/// A ticket with its conversation.
#[derive(ToSchema)]
#[schema(as = Ticket)]
pub struct TicketSchema {
    /// The system it lives in, for example `zendesk:acme`.
    system: String,
    /// Its id there.
    id: String,
    /// The subject line.
    subject: Option<String>,
    /// The first text.
    description: Option<String>,
    /// What was written since, oldest first.
    messages: Option<Vec<MessageSchema>>,
    /// Tags.
    tags: Option<Vec<String>>,
    /// The requester's language.
    locale: Option<String>,
    /// Everybody an answer goes to.
    recipients: Option<Vec<String>>,
}

/// One message of a conversation.
#[derive(ToSchema)]
#[schema(as = Message)]
pub struct MessageSchema {
    /// Who wrote it.
    author: AuthorSchema,
    /// The text.
    text: String,
    /// When, in RFC 3339.
    at: Option<String>,
}

/// Who wrote a message.
#[derive(ToSchema)]
#[schema(as = Author, rename_all = "snake_case")]
pub enum AuthorSchema {
    /// The one who asks.
    Customer,
    /// The one who answers.
    Agent,
    /// A machine.
    System,
}
