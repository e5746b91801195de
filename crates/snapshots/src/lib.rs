//! Snapshots of derivatives.
