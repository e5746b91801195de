//! The layers of `examples/gpt`: each one's derivative against its backward pass by hand.

use crate::run::{irad, rows, stdout};

rows! {
    agrees_with_its_backward_pass_by_hand:
    // A layer, and the flags that say how large its buffers are.
    encoder => &[
        "--len", "out=12,tokens=3,wte=20,wpe=8",
        "--range", "tokens=0..4,time=2..2,channels=4..4",
    ],
    layernorm => &["--len", "out=12,mean=3,rstd=3,x=12,w=4,b=4"],
    matmul => &["--len", "out=12,x=10,w=30,bias=6", "--range", "inputs=5..5"],
    // What is kept of a row has a kink where another score becomes the largest; the seed is one with which no
    // point comes near it.
    attention => &[
        "--len", "out=48,scores=18,exps=18,weights=18,qkv=144",
        "--range", "batch=1..1,time=3..3,channels=16..16,heads=2..2",
        "--map", "row=scores",
        "--seed", "2",
    ],
    gelu => &["--len", "out=9,x=9", "--range", "x=-4..4"],
    residual => &["--len", "out=9,a=9,b=9"],
    cross_entropy => &[
        "--len", "exps=15,probs=15,logits=15,targets=3",
        "--range", "targets=0..4,vocabulary=5..5",
    ],
}

fn agrees_with_its_backward_pass_by_hand(layer: &str, sizes: &[&str]) {
    let file = format!("fixtures/gpt_{layer}.ll");
    let fixed = [
        "check", &file, "--fn", "forward", "--mode", "reverse", "--manual", "backward",
    ];
    let output = irad(&[&fixed[..], sizes].concat()).output().unwrap();
    let said = stdout(&output);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}{errors}");
    assert!(said.contains("against backward"), "{said}");
}

#[test]
fn a_backward_pass_that_is_wrong_disagrees() {
    // The residual's own, handed the adjoints the wrong way round, is still right; layer norm's is not.
    let output = irad(&[
        "check",
        "fixtures/gpt_layernorm.ll",
        "--fn",
        "forward",
        "--mode",
        "reverse",
        "--manual",
        "backward",
        "--len",
        "out=12,mean=3,rstd=3,x=12,w=4,b=4",
        "--map",
        "dw=d.b,db=d.w",
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
}
