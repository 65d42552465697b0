//! Bytes that an item holds packed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::error::StoreError;

/// Most packed bytes that are kept: an item holds 400 KiB with its key (limit of the service).
pub(crate) const MAX_PACKED_BYTES: usize = 399 << 10;

pub(crate) fn pack(plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    packer.write_all(plain).map_err(StoreError::Packed)?;
    packer.finish().map_err(StoreError::Packed)
}

/// What was packed, up to so many bytes.
pub(crate) fn unpack(packed: &[u8], max_bytes: u64) -> Result<Vec<u8>, StoreError> {
    let mut plain = Vec::new();
    DeflateDecoder::new(packed).take(max_bytes).read_to_end(&mut plain).map_err(StoreError::Packed)?;
    Ok(plain)
}
