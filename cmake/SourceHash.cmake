# admmbench_source_hashes(): see the harness; filled in with the code-version generator.
