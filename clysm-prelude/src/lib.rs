//! Reserved for capability preludes: curated interfaces through which a host lets programs that it does not trust do
//! things. There is nothing in this crate yet.
