mod bounds;
mod faults;
mod inside;
mod peer;
mod requests;
mod tls;
mod world;
