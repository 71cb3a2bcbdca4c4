/// What `Datasets/NAME/dataset.yaml` says of a data set: what it is and where it comes from.
package struct DatasetManifest: Sendable, Equatable {
  /// How a data set is read, or made.
  package enum Layout: String, Sendable, CaseIterable {
    /// Generated sine waves.
    case sinusoid
    /// Generated functions of other families.
    case cosmixture, alpine, harmonics, steps
    /// Generated glyphs.
    case glyphs
    /// Generated surfaces.
    case landscape
    /// `images_background` and `images_evaluation`, as folders or zip files.
    case omniglot
    /// A folder a class, lists, or arrays: whatever `ImageTask(folder:)` reads.
    case folder
    /// Generated graphs.
    case communities
    /// A graph with features and labels: a `.npz` in the layout of gnn-benchmark, or tables.
    case graph = "gnn-benchmark"

    static let generated: [Self] = [
      .sinusoid, .cosmixture, .alpine, .harmonics, .steps, .glyphs, .landscape, .communities,
    ]
  }

  package let file: String
  package var name = ""
  package var title = ""
  package var layout = Layout.folder
  /// Where the data is, if not in the manifest's own folder or a root's folder of this name.
  package var path: String?
  /// Where it can be had, and who made it.
  package var source: [String] = []
  package var licence: String?
  /// The sentence that tells a user how to get it.
  package var get: String?
  /// MD5 sums of the files as they are published, by name.
  package var checksums: [Checksum] = []
  package var image = ImageOptions()
  package var omniglot = OmniglotOptions()
  package var glyphs = GlyphParameters()
  package var nodes = NodeOptions()
  /// The graph's file in the folder.
  package var graphFile: String?

  package struct Checksum: Sendable, Equatable {
    package let file: String
    package let md5: String
  }

  /// Names of what metatop makes by itself.
  package static var generated: [String] { Layout.generated.map(\.rawValue) }

  /// The generated graphs.
  package static let communities = Layout.communities.rawValue

  package var isGenerated: Bool { Layout.generated.contains(layout) }

  init(file: String) { self.file = file }
}
