//! nalgebra: small fixed and large dynamic matrices.

use nalgebra::{
    DMatrix, DVector, Matrix2, Matrix3, Rotation3, SMatrix, SVector, Unit, UnitQuaternion, Vector2,
    Vector3,
};

/// A quadratic form of a fixed matrix.
#[inline(never)]
pub fn energy(m: &Matrix3<f64>, v: &Vector3<f64>) -> f64 {
    (v.transpose() * m * v)[0] + m.trace()
}

/// The solution of two equations, weighted.
#[inline(never)]
pub fn two_equations(m: &Matrix2<f64>, b: &Vector2<f64>) -> f64 {
    let inverse = m.try_inverse().unwrap_or_else(Matrix2::identity);
    (inverse * b).norm_squared()
}

/// A point turned about an axis.
#[inline(never)]
pub fn turned(angle: f64, point: &Vector3<f64>) -> f64 {
    let turn = Rotation3::from_axis_angle(&Vector3::y_axis(), angle);
    (turn * point).dot(&Vector3::new(1.0, 2.0, 3.0))
}

/// Two rotations, one after the other.
#[inline(never)]
pub fn two_turns(a: f64, b: f64) -> f64 {
    let axis = Unit::new_normalize(Vector3::new(1.0, 1.0, 0.5));
    let turn =
        UnitQuaternion::from_axis_angle(&axis, a) * UnitQuaternion::from_euler_angles(b, 0.2, 0.1);
    turn.angle()
}

/// A product of dynamic matrices.
#[inline(never)]
pub fn product_norm(a: &[f64], b: &[f64]) -> f64 {
    let left = DMatrix::from_row_slice(2, 3, &a[..6]);
    let right = DMatrix::from_column_slice(3, 2, &b[..6]);
    (left * right).norm()
}

/// The mean of a dynamic vector about which it spreads.
#[inline(never)]
pub fn spread(x: &DVector<f64>) -> f64 {
    let mean = x.sum() / x.len() as f64;
    x.map(|v| (v - mean) * (v - mean)).sum()
}

/// A dynamic matrix times a dynamic vector.
#[inline(never)]
pub fn residual(a: &DMatrix<f64>, x: &DVector<f64>) -> f64 {
    let mut sum = 0.0;
    for row in 0..a.nrows() {
        let mut entry = 0.0;
        for column in 0..a.ncols().min(x.len()) {
            entry += a[(row, column)] * x[column];
        }
        sum += entry * entry;
    }
    sum
}

/// A determinant by cofactors.
#[inline(never)]
pub fn volume(m: &SMatrix<f64, 3, 3>) -> f64 {
    m.determinant().abs()
}

/// A Cholesky factor of what is made positive.
#[inline(never)]
pub fn log_volume(v: &SVector<f64, 3>) -> f64 {
    let m = Matrix3::identity() * 2.0 + v * v.transpose();
    m.cholesky()
        .map_or(0.0, |factor| factor.l().diagonal().map(f64::ln).sum())
}

/// The two values of a symmetric matrix, weighted.
#[inline(never)]
pub fn eigenvalues(m: &[f64; 3]) -> f64 {
    let m = Matrix2::new(m[0] + 2.0, m[1], m[1], m[2] - 2.0);
    let values = m.symmetric_eigenvalues();
    values[0] * 2.0 + values[1]
}

/// The trace of a Cholesky factor.
#[inline(never)]
pub fn factor(m: &[f64; 3]) -> f64 {
    let m = Matrix2::new(m[0] * m[0] + 2.0, m[1], m[1], m[2] * m[2] + 2.0);
    m.cholesky().map_or(0.0, |factor| factor.l().trace())
}

/// The singular values of a matrix, weighted.
#[inline(never)]
pub fn stretch(m: &[f64; 4]) -> f64 {
    let values = Matrix2::from_row_slice(m).singular_values();
    values[0] + 3.0 * values[1]
}
