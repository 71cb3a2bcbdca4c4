/// This program's version, as `--version` and every `config.json` say it.
let version = "0.1.0"
