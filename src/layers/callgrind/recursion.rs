//! Callgrind's levels of recursion, brought together: `f`, `f'2` are one function.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{Call, Function, Index};
use crate::layers::profile::{CallCost, CallGraph, Frame, FrameHandle, FunctionCost, Profile};

/// Brings the levels of recursion together.
#[derive(Default)]
pub(super) struct Levels {
    /// By function: the frame that all levels share, and the level, from 1.
    nodes: Vec<(FrameHandle, u32)>,
    /// The lowest level of each frame, which has the costs of all others inside.
    outermost: FxHashMap<FrameHandle, u32>,
}

impl Levels {
    pub(super) fn of(profile: &mut Profile, functions: &[Function]) -> Self {
        let mut levels = Levels::default();
        let mut frames = FxHashMap::default();
        for function in functions {
            let text = profile.text(function.name).to_owned();
            let (base, level) = recursion_level(&text);
            let base = profile.string(base);
            let frame = *frames
                .entry((base, function.file, function.module))
                .or_insert_with(|| {
                    profile.frame(Frame {
                        function: Some(base),
                        file: function.file.filter(|file| profile.text(*file) != "???"),
                        line: function.line,
                        module: function
                            .module
                            .filter(|module| profile.text(*module) != "???"),
                        inlined: false,
                    })
                });
            levels.nodes.push((frame, level));
            let lowest = levels.outermost.entry(frame).or_insert(level);
            *lowest = level.min(*lowest);
        }
        levels
    }

    pub(super) fn graph(
        self,
        events: usize,
        functions: &[Function],
        calls: &BTreeMap<(Index, Index), Call>,
    ) -> CallGraph {
        let mut costs: BTreeMap<FrameHandle, FunctionCost> = BTreeMap::new();
        for (function, (frame, level)) in functions.iter().zip(&self.nodes) {
            let cost = costs.entry(*frame).or_insert_with(|| FunctionCost {
                frame: *frame,
                own: vec![0.0; events],
                total: vec![0.0; events],
                calls: 0,
            });
            cost.calls = cost.calls.saturating_add(function.calls);
            add_floats(&mut cost.own, &function.own);
            if *level == self.outermost[frame] {
                add_floats(&mut cost.total, &function.own);
            }
        }
        let mut edges: BTreeMap<(FrameHandle, FrameHandle), CallCost> = BTreeMap::new();
        for ((caller, callee), call) in calls {
            let ((from, level), (to, called_level)) = (self.nodes[*caller], self.nodes[*callee]);
            let is_outermost = level == self.outermost[&from];
            if is_outermost
                && caller != callee
                && let Some(cost) = costs.get_mut(&from)
            {
                add_floats(&mut cost.total, &call.cost);
            }
            let edge = edges.entry((from, to)).or_insert_with(|| CallCost {
                caller: from,
                callee: to,
                calls: 0,
                cost: vec![0.0; events],
            });
            edge.calls = edge.calls.saturating_add(call.count);
            // Calls between inner levels of recursion are inside of the outer ones' costs.
            if is_outermost || called_level == self.outermost[&to] {
                add_floats(&mut edge.cost, &call.cost);
            }
        }
        CallGraph {
            functions: costs.into_values().collect(),
            calls: edges.into_values().collect(),
        }
    }
}

/// `f'2` is level 2 of `f`.
fn recursion_level(name: &str) -> (&str, u32) {
    match name.rsplit_once('\'') {
        Some((base, level)) if !base.is_empty() => {
            level.parse().map_or((name, 1), |level| (base, level))
        }
        _ => (name, 1),
    }
}

fn add_floats(sums: &mut [f64], costs: &[u64]) {
    for (sum, cost) in sums.iter_mut().zip(costs) {
        *sum += *cost as f64;
    }
}
