/// The recipes that are in the program itself, so that a copied binary has them.
enum ShippedRecipes {
  static let all: [(name: String, bytes: [UInt8])] = [
    ("anil-mini-imagenet-5w1s", PackageResources.anil_mini_imagenet_5w1s_yaml),
    ("anil-mini-imagenet-5w5s", PackageResources.anil_mini_imagenet_5w5s_yaml),
    ("anil-omniglot-5w1s", PackageResources.anil_omniglot_5w1s_yaml),
    ("boil-mini-imagenet-5w1s", PackageResources.boil_mini_imagenet_5w1s_yaml),
    ("boil-mini-imagenet-5w5s", PackageResources.boil_mini_imagenet_5w5s_yaml),
    ("boil-omniglot-5w1s", PackageResources.boil_omniglot_5w1s_yaml),
    (
      "cml-maml-plus-plus-mini-imagenet-5w1s",
      PackageResources.cml_maml_plus_plus_mini_imagenet_5w1s_yaml
    ),
    (
      "cml-maml-plus-plus-mini-imagenet-5w5s",
      PackageResources.cml_maml_plus_plus_mini_imagenet_5w5s_yaml
    ),
    ("cml-mini-imagenet-5w1s", PackageResources.cml_mini_imagenet_5w1s_yaml),
    ("cml-mini-imagenet-5w5s", PackageResources.cml_mini_imagenet_5w5s_yaml),
    ("cml-omniglot-5w1s", PackageResources.cml_omniglot_5w1s_yaml),
    ("cml-omniglot-5w5s", PackageResources.cml_omniglot_5w5s_yaml),
    ("cml-sinusoid-k10", PackageResources.cml_sinusoid_k10_yaml),
    ("cml-sinusoid-k20", PackageResources.cml_sinusoid_k20_yaml),
    ("cml-sinusoid-k5", PackageResources.cml_sinusoid_k5_yaml),
    ("comparison-omniglot", PackageResources.comparison_omniglot_yaml),
    ("comparison-sinusoid", PackageResources.comparison_sinusoid_yaml),
    ("imaml-omniglot-20w1s", PackageResources.imaml_omniglot_20w1s_yaml),
    ("imaml-omniglot-5w1s", PackageResources.imaml_omniglot_5w1s_yaml),
    ("maml-mini-imagenet-5w1s", PackageResources.maml_mini_imagenet_5w1s_yaml),
    ("maml-mini-imagenet-5w5s", PackageResources.maml_mini_imagenet_5w5s_yaml),
    ("maml-omniglot-20w1s", PackageResources.maml_omniglot_20w1s_yaml),
    ("maml-omniglot-20w5s", PackageResources.maml_omniglot_20w5s_yaml),
    ("maml-omniglot-5w1s", PackageResources.maml_omniglot_5w1s_yaml),
    ("maml-omniglot-5w5s", PackageResources.maml_omniglot_5w5s_yaml),
    ("maml-plus-plus-mini-imagenet-5w1s", PackageResources.maml_plus_plus_mini_imagenet_5w1s_yaml),
    ("maml-plus-plus-mini-imagenet-5w5s", PackageResources.maml_plus_plus_mini_imagenet_5w5s_yaml),
    ("maml-plus-plus-omniglot-5w1s", PackageResources.maml_plus_plus_omniglot_5w1s_yaml),
    ("maml-sinusoid-k10", PackageResources.maml_sinusoid_k10_yaml),
    ("reptile-mini-imagenet-5w1s", PackageResources.reptile_mini_imagenet_5w1s_yaml),
    ("reptile-omniglot-20w1s", PackageResources.reptile_omniglot_20w1s_yaml),
    ("reptile-omniglot-20w5s", PackageResources.reptile_omniglot_20w5s_yaml),
    ("reptile-omniglot-5w1s", PackageResources.reptile_omniglot_5w1s_yaml),
    ("reptile-omniglot-5w5s", PackageResources.reptile_omniglot_5w5s_yaml),
  ]
}
