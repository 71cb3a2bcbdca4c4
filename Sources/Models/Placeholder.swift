// The target's first file; replaced by the first real one.
