import Events

/// What only networks of convolutions and batch normalisation have.
package enum ConvolutionHyperparameters {
  /// Whose mean and variance normalise a pass.
  package enum Statistics: String, CaseIterable {
    /// Each pass by its own batch: a query's prediction depends on the other queries.
    case transductive
    /// The query set by the support set's.
    case support
    /// By averages kept during meta-training, at meta-validation and meta-test.
    case running
  }

  /// How a 3×3 convolution is computed, from the most exact to the fastest.
  package enum Algorithm: String, CaseIterable {
    case direct
    /// F(2×2, 3×3).
    case winograd
    /// F(4×4, 3×3): ten times the rounding error of the others.
    case winograd4
  }

  /// The arithmetic of convolutions of 16 channels and more.
  package enum Precision: String, CaseIterable {
    case float32
    /// Every float32 as two bfloat16, summed in float32: errors as of F(4×4, 3×3).
    case bfloat16x2
    /// Every float32 rounded to bfloat16, summed in float32.
    case bfloat16
  }

  package static let statistics = HyperparameterDescriptor(
    id: "batch-norm",
    symbol: "BN",
    kind: .choice(Statistics.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "normalise by each pass's own batch, queries by the support set's, or running averages",
    isStructural: true
  )

  package static let isNormalisationAdapted = HyperparameterDescriptor(
    id: "adapt-norm",
    symbol: "γβ′",
    kind: .flag,
    defaultValue: 1,
    help: "scale and shift of batch norm take inner steps: on in CML's code, off in Finn's",
    isStructural: true
  )

  package static let algorithm = HyperparameterDescriptor(
    id: "convolution",
    symbol: "∗",
    kind: .choice(Algorithm.allCases.map(\.rawValue)),
    defaultValue: 1,
    help: "least exact algorithm allowed: direct sums, Winograd F(2×2,3×3), or F(4×4,3×3)",
    isStructural: true
  )

  package static let precision = HyperparameterDescriptor(
    id: "precision",
    symbol: "π",
    kind: .choice(Precision.allCases.map(\.rawValue)),
    defaultValue: 0,
    help: "of convolutions: float32, or sums of products of two bfloat16 a number, or of one",
    isStructural: true
  )

  package static let all = [statistics, isNormalisationAdapted, algorithm, precision]
}
