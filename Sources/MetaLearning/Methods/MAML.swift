/// Model-agnostic meta-learning: an initialisation from which a few gradient steps solve a task.
///
/// Finn, Abbeel and Levine, ICML 2017. With `first-order` on it is FOMAML.
package struct MAML: Method {
  package let descriptor = MethodDescriptor(
    id: "maml",
    name: "MAML",
    citation: "Finn, Abbeel, Levine: Model-Agnostic Meta-Learning, ICML 2017"
  )

  package init() {}
}
