/// The themes of `themes/` as they are in the binary, so that a copy of it alone has them all.
enum ShippedThemes {
  static let all: [(name: String, bytes: [UInt8])] = [
    ("daylight", PackageResources.daylight_yaml),
    ("dusk", PackageResources.dusk_yaml),
    ("high-contrast", PackageResources.high_contrast_yaml),
    ("metatop-dark", PackageResources.metatop_dark_yaml),
    ("metatop-light", PackageResources.metatop_light_yaml),
    ("monochrome", PackageResources.monochrome_yaml),
    ("okabe-ito", PackageResources.okabe_ito_yaml),
    ("terminal", PackageResources.terminal_yaml),
  ]
}
