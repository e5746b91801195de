//! ordered-float, indexmap, petgraph, tinyvec, rstar and rayon.

/// Sorts numbers and weighs them by their rank.
#[inline(never)]
pub fn ordered(x: &[f64]) -> f64 {
    use ordered_float::OrderedFloat;
    let mut v: Vec<OrderedFloat<f64>> = x.iter().copied().map(OrderedFloat).collect();
    v.sort();
    v.iter()
        .enumerate()
        .map(|(i, v)| v.0 * v.0 * i as f64)
        .sum()
}

/// The largest of numbers that are none of them NaN.
#[inline(never)]
pub fn largest(x: &[f64]) -> f64 {
    use ordered_float::NotNan;
    x.iter()
        .map(|v| NotNan::new(v * v).unwrap())
        .max()
        .map_or(0.0, |m| m.into_inner())
}

/// Sums by a key in a map that keeps its order.
#[inline(never)]
pub fn counted(x: &[f64]) -> f64 {
    let mut m: indexmap::IndexMap<usize, f64> = indexmap::IndexMap::new();
    for (i, v) in x.iter().enumerate() {
        *m.entry(i % 3).or_insert(0.0) += v * v;
    }
    m.values().map(|v| v * v).sum()
}

/// The length of the shortest way through a graph.
#[inline(never)]
pub fn shortest(w: &[f64; 5]) -> f64 {
    use petgraph::graph::UnGraph;
    let g =
        UnGraph::<(), usize>::from_edges([(0, 1, 0), (1, 2, 1), (0, 3, 2), (3, 2, 3), (1, 3, 4)]);
    let d = petgraph::algo::dijkstra(&g, 0.into(), Some(2.into()), |e| w[*e.weight()].abs() + 0.1);
    d[&petgraph::graph::NodeIndex::new(2)]
}

/// A sum over the edges of a graph.
#[inline(never)]
pub fn flow(w: &[f64; 4]) -> f64 {
    use petgraph::graph::DiGraph;
    let mut g = DiGraph::<f64, f64>::new();
    let n: Vec<_> = (0..3).map(|i| g.add_node(i as f64)).collect();
    g.add_edge(n[0], n[1], w[0]);
    g.add_edge(n[1], n[2], w[1] * w[2]);
    g.add_edge(n[0], n[2], w[3]);
    g.edge_indices().map(|e| g[e] * g[e]).sum()
}

/// A vector that lies on the stack.
#[inline(never)]
pub fn tiny(x: &[f64]) -> f64 {
    let mut v: tinyvec::ArrayVec<[f64; 8]> = tinyvec::ArrayVec::new();
    for x in x.iter().take(8) {
        v.push(x * x);
    }
    v.iter().rev().fold(0.0, |s, v| s * 0.5 + v)
}

/// The same, which moves to the heap where it grows.
#[inline(never)]
pub fn tiny_heap(x: &[f64]) -> f64 {
    let mut v: tinyvec::TinyVec<[f64; 4]> = tinyvec::TinyVec::new();
    for x in x {
        v.push(x * x);
    }
    v.iter().rev().fold(0.0, |s, v| s * 0.5 + v)
}

/// The nearest neighbour in a tree of points.
#[inline(never)]
pub fn nearest(x: &[f64; 6], q: &[f64; 2]) -> f64 {
    let t = rstar::RTree::bulk_load(x.chunks_exact(2).map(|p| [p[0], p[1]]).collect());
    match t.nearest_neighbor(*q) {
        Some(p) => (p[0] - q[0]).powi(2) + (p[1] - q[1]).powi(2),
        None => 0.0,
    }
}

/// A sum by several threads.
#[inline(never)]
pub fn parallel(x: &[f64]) -> f64 {
    use rayon::prelude::*;
    x.par_iter().map(|v| v.sin() * v).sum()
}
