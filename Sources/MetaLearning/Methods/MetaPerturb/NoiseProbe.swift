import Events
import Models

/// A number about the noise that a site multiplies by, declared for all sites together and for each.
struct NoiseProbe {
  private let id: String
  private let label: String
  /// The label where it is one site's.
  private let siteLabel: String
  private let help: String
  private let style: ProbeStyle

  init(
    _ id: String,
    _ label: String,
    siteLabel: String? = nil,
    _ help: String,
    style: ProbeStyle = .number
  ) {
    (self.id, self.label, self.help, self.style) = (id, label, help, style)
    self.siteLabel = siteLabel ?? label
  }

  /// The numbers over all sites, κ, and the numbers of each site; `kappa` says what κ is.
  static func descriptors(
    _ parts: [Self],
    kappa: String,
    sites: [FeatureSite]
  ) -> [ProbeDescriptor] {
    let whole = parts.map { $0.descriptor(of: nil) }
    let strength = ProbeDescriptor(
      key: "kappa",
      label: "κ noise",
      asciiLabel: "kappa",
      help: kappa,
      style: .gauge(0...1)
    )
    return whole + [strength] + sites.flatMap { site in parts.map { $0.descriptor(of: site.name) } }
  }

  private func descriptor(of site: String?) -> ProbeDescriptor {
    ProbeDescriptor(
      key: "noise_\(id)" + (site.map { "/" + $0 } ?? ""),
      label: site == nil ? label : siteLabel,
      help: site == nil ? "\(help); mean over the sites" : "\(help); at one site",
      layer: site,
      style: style
    )
  }
}
