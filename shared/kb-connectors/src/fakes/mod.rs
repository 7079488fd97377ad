//! Systems to connect to that run in this process. They are strict where the real ones are, keep what they are told, and have weather.

pub mod zendesk;
