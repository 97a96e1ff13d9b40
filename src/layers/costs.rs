//! What each function costs, itself and with all that it calls, from stacks or from a call graph.

use rustc_hash::FxHashMap;

use super::profile::{CallGraph, EventHandle, Profile};

/// Costs of one event, by symbol; symbols are numbered by the caller.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Costs {
    pub own: Vec<f64>,
    /// Inclusive, a function that stands on a stack several times counted once.
    pub total: Vec<f64>,
    /// Samples whose own weight went to the symbol.
    pub samples: Vec<u64>,
    /// How often it was called, where the profiler counts calls.
    pub calls: Vec<Option<u64>>,
    /// Caller and callee: inclusive weight, and calls where they are counted.
    pub edges: FxHashMap<(u32, u32), (f64, Option<u64>)>,
    /// The sum of all weights.
    pub sum: f64,
}

impl Costs {
    fn new(symbols: usize) -> Self {
        Costs {
            own: vec![0.0; symbols],
            total: vec![0.0; symbols],
            samples: vec![0; symbols],
            calls: vec![None; symbols],
            ..Costs::default()
        }
    }
}

/// Which symbol each frame is, by frame handle, and which one samples without any frame belong to.
pub(super) struct SymbolOf<'a> {
    pub frames: &'a [u32],
    pub unknown: u32,
    pub symbols: usize,
}

/// The costs of one event.
pub(super) fn of(profile: &Profile, event: EventHandle, symbol_of: &SymbolOf<'_>) -> Costs {
    match &profile.graph {
        Some(graph) => of_graph(graph, event, symbol_of),
        None => of_stacks(profile, event, symbol_of),
    }
}

fn of_stacks(profile: &Profile, event: EventHandle, symbol_of: &SymbolOf<'_>) -> Costs {
    let mut costs = Costs::new(symbol_of.symbols);
    let mut weights = vec![0.0f64; profile.stacks().len()];
    for sample in profile
        .samples
        .iter()
        .filter(|sample| sample.event == event)
    {
        costs.sum += sample.weight;
        let own = sample.stack.and_then(|stack| profile.own_frame(stack));
        let symbol =
            own.map_or(symbol_of.unknown, |frame| symbol_of.frames[frame.index()]) as usize;
        costs.own[symbol] += sample.weight;
        costs.samples[symbol] += sample.count;
        match sample.stack {
            Some(stack) => weights[stack.index()] += sample.weight,
            None => costs.total[symbol] += sample.weight,
        }
    }
    // Children come after their parents: from the back, every node has its subtree's weight when it is reached.
    let stacks = profile.stacks();
    for at in (0..stacks.len()).rev() {
        let weight = weights[at];
        if weight == 0.0 {
            continue;
        }
        let node = stacks[at];
        if let Some(parent) = node.parent {
            weights[parent.index()] += weight;
        }
        add_node(profile, symbol_of, at, weight, &mut costs);
    }
    costs
}

/// Counts a node's weight for its symbol and for the call from its parent, unless one further out has it already.
fn add_node(
    profile: &Profile,
    symbol_of: &SymbolOf<'_>,
    at: usize,
    weight: f64,
    costs: &mut Costs,
) {
    let stacks = profile.stacks();
    let symbol = symbol_of.frames[stacks[at].frame.index()];
    let caller = stacks[at]
        .parent
        .map(|parent| symbol_of.frames[stacks[parent.index()].frame.index()]);
    let mut seen_symbol = false;
    let mut seen_call = false;
    let mut next = stacks[at].parent;
    while let Some(ancestor) = next {
        let node = stacks[ancestor.index()];
        let above = node
            .parent
            .map(|parent| symbol_of.frames[stacks[parent.index()].frame.index()]);
        if symbol_of.frames[node.frame.index()] == symbol {
            seen_symbol = true;
            seen_call |= above.is_some() && above == caller;
        }
        next = node.parent;
    }
    if !seen_symbol {
        costs.total[symbol as usize] += weight;
    }
    if let (Some(caller), false) = (caller, seen_call) {
        costs.edges.entry((caller, symbol)).or_insert((0.0, None)).0 += weight;
    }
}

fn of_graph(graph: &CallGraph, event: EventHandle, symbol_of: &SymbolOf<'_>) -> Costs {
    let mut costs = Costs::new(symbol_of.symbols);
    let event = event.index();
    let mut functions_of: Vec<u32> = vec![0; symbol_of.symbols];
    for function in &graph.functions {
        let symbol = symbol_of.frames[function.frame.index()] as usize;
        functions_of[symbol] += 1;
        costs.own[symbol] += function.own[event];
        costs.total[symbol] += function.total[event];
        costs.sum += function.own[event];
        let calls = costs.calls[symbol].get_or_insert(0);
        *calls = calls.saturating_add(function.calls);
    }
    for call in &graph.calls {
        let edge = (
            symbol_of.frames[call.caller.index()],
            symbol_of.frames[call.callee.index()],
        );
        let edge = costs.edges.entry(edge).or_insert((0.0, Some(0)));
        edge.0 += call.cost[event];
        edge.1 = edge.1.map(|calls| calls.saturating_add(call.calls));
    }
    let merged: Vec<u32> = (0..)
        .zip(&functions_of)
        .filter(|(_, functions)| **functions > 1)
        .map(|(symbol, _)| symbol)
        .collect();
    if !merged.is_empty() {
        let callees = Callees::of(graph, symbol_of);
        for symbol in merged {
            costs.total[symbol as usize] = merged_total(graph, event, symbol_of, symbol, &callees);
        }
    }
    for total in &mut costs.total {
        // Recursion through other functions, in a file without levels, would count several times.
        *total = total.clamp(0.0, costs.sum);
    }
    for ((caller, callee), (weight, _)) in &mut costs.edges {
        // A function that calls itself costs no more in these calls than it does altogether.
        if caller == callee {
            *weight = weight.min(costs.total[*callee as usize]);
        }
    }
    costs
}

/// The called frames of each frame.
struct Callees(Vec<Vec<u32>>);

impl Callees {
    fn of(graph: &CallGraph, symbol_of: &SymbolOf<'_>) -> Self {
        let mut callees = vec![Vec::new(); symbol_of.frames.len()];
        for call in &graph.calls {
            callees[call.caller.index()].push(call.callee.index() as u32);
        }
        Callees(callees)
    }

    /// Which frames can be below these on a stack, themselves included.
    fn below(&self, starts: Vec<usize>) -> Vec<bool> {
        let mut seen = vec![false; self.0.len()];
        let mut open = starts;
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(self.0[at].iter().map(|callee| *callee as usize));
            }
        }
        seen
    }
}

/// Several functions under one name (overloads, static functions) may call each other, directly or not. Counted once
/// are only the calls that come from outside, and what was never called.
fn merged_total(
    graph: &CallGraph,
    event: usize,
    symbol_of: &SymbolOf<'_>,
    symbol: u32,
    callees: &Callees,
) -> f64 {
    let is_ours = |frame: usize| symbol_of.frames[frame] == symbol;
    let ours = graph
        .functions
        .iter()
        .filter(|function| is_ours(function.frame.index()));
    let inside = callees.below(
        ours.clone()
            .map(|function| function.frame.index())
            .collect(),
    );
    let mut uncalled: FxHashMap<usize, f64> = ours
        .map(|function| (function.frame.index(), function.total[event]))
        .collect();
    let mut total = 0.0;
    for call in graph
        .calls
        .iter()
        .filter(|call| is_ours(call.callee.index()))
    {
        if let Some(rest) = uncalled.get_mut(&call.callee.index()) {
            *rest -= call.cost[event];
        }
        if !inside[call.caller.index()] {
            total += call.cost[event];
        }
    }
    total + uncalled.values().map(|rest| rest.max(0.0)).sum::<f64>()
}
