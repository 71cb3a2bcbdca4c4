import CKernels

/// All chains of a program in the C kernels' layout, in five flat arrays.
struct ChainPool: Sendable {
  private var chains: [ck_chain] = []
  private var loads: [ck_load] = []
  private var stores: [ck_store] = []
  private var steps: [ck_step] = []
  private var sinks: [ck_sink] = []

  mutating func append(_ chain: Chain) {
    precondition(
      chain.slotCount <= Chain.maximumSlots,
      "a chain of \(chain.slotCount) slots exceeds \(Chain.maximumSlots)"
    )
    chains.append(
      ck_chain(
        rows: UInt32(chain.rows),
        columns: UInt32(chain.columns),
        load_count: UInt16(chain.loads.count),
        store_count: UInt16(chain.stores.count),
        step_count: UInt16(chain.steps.count),
        sink_count: UInt16(chain.sinks.count),
        slot_count: UInt16(chain.slotCount),
        first_load: UInt32(loads.count),
        first_store: UInt32(stores.count),
        first_step: UInt32(steps.count),
        first_sink: UInt32(sinks.count)
      )
    )
    loads += chain.loads.map { load in
      ck_load(
        address: load.address.bits,
        slot: UInt8(load.slot),
        cover: load.scatter == nil ? load.cover.rawValue : UInt8(CK_SCATTERED.rawValue),
        choices: load.scatter?.choices.bits ?? 0,
        map: load.scatter?.map.description ?? ck_map()
      )
    }
    stores += chain.stores.map { ck_store(address: $0.address.bits, slot: UInt8($0.slot)) }
    steps += chain.steps.map {
      ck_step(
        op: $0.operation.rawValue,
        dst: UInt8($0.target),
        a: UInt8($0.a),
        b: UInt8($0.b),
        c: UInt8($0.c)
      )
    }
    sinks += chain.sinks.map {
      ck_sink(address: $0.address.bits, slot: UInt8($0.slot), reduction: $0.reduction.rawValue)
    }
  }

  /// A chain, and the floats that its sums over some of its rows take.
  func described(_ index: Int) -> (chain: ck_chain, partials: Int) {
    let chain = chains[index]
    let own = sinks[Int(chain.first_sink)..<Int(chain.first_sink) + Int(chain.sink_count)]
    return (chain, own.reduce(0) { $0 + ck_partial_count([chain], [$1]) })
  }

  func describe(_ index: Int) -> String {
    let chain = chains[index]
    return "\(chain.rows)×\(chain.columns), \(chain.load_count) loads, \(chain.step_count) steps, "
      + "\(chain.store_count) stores, \(chain.sink_count) sums"
  }

  func withPointers(
    _ body: (UnsafePointer<ck_chain>?, UnsafePointer<ck_chain_pool>) -> Void
  ) {
    loads.withUnsafeBufferPointer { loads in
      stores.withUnsafeBufferPointer { stores in
        steps.withUnsafeBufferPointer { steps in
          sinks.withUnsafeBufferPointer { sinks in
            chains.withUnsafeBufferPointer { chains in
              var pool = ck_chain_pool(
                loads: loads.baseAddress,
                stores: stores.baseAddress,
                steps: steps.baseAddress,
                sinks: sinks.baseAddress
              )
              body(chains.baseAddress, &pool)
            }
          }
        }
      }
    }
  }
}
