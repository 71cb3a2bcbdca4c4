/// Model-agnostic meta-learning: an initialisation from which a few gradient steps solve a task.
///
/// Finn, Abbeel and Levine, ICML 2017. With `first-order` on it is FOMAML.
package struct MAML: Method {
  package let descriptor = MethodDescriptor(
    id: "maml",
    name: "MAML",
    citation: "Finn, Abbeel, Levine: Model-Agnostic Meta-Learning, ICML 2017",
    summary:
      "An initialisation θ from which a few gradient steps on K examples of a new task give a "
      + "small loss on other examples of that task.",
    equation: "θₖ₊₁ = θₖ − α ∇L_S(θₖ),  k = 0 … M−1\nθ ← Adam(mean of ∇_θ L_Q(θ_M)),  rate β"
  )

  package init() {}
}
