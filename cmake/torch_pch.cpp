// Exists only so that the precompiled libtorch headers have a target that owns them.
