//! Each invariant of the verifier: a tree that keeps it, and trees that break nothing else.

use clysm_ast::{
    Ast, AstLiteral, BlockId, Callee, FunctionId, Node, NodeKind, TagbodyId, VariableId, VerifyError, verify,
};
use clysm_reader::Symbol;

const TOP: FunctionId = Ast::TOPLEVEL;
const ABSENT: u32 = 99;

fn node(kind: NodeKind) -> Node {
    Node::unlocated(kind)
}

fn boxed(kind: NodeKind) -> Box<Node> {
    Box::new(node(kind))
}

fn local(variable: VariableId) -> Node {
    node(NodeKind::Local(variable))
}

fn variable(ast: &mut Ast, owner: FunctionId) -> VariableId {
    ast.add_variable(Symbol::NIL, owner)
}

/// A function of the toplevel function with that body, whose object is taken.
fn closure(ast: &mut Ast, body: Node) -> (FunctionId, Node) {
    let function = ast.add_function(None, Some(TOP));
    ast.functions[function.index()].escapes = true;
    ast.functions[function.index()].body = body;
    (function, node(NodeKind::Closure(function)))
}

#[track_caller]
fn check(mut ast: Ast, body: Node, expected: Result<(), VerifyError>) {
    ast.toplevel_mut().body = body;
    assert_eq!(verify(&ast), expected);
}

#[track_caller]
fn missing(ast: Ast, body: Node, what: &str) {
    check(ast, body, Err(VerifyError::Missing(format!("{what} {ABSENT}"))));
}

#[test]
fn what_nodes_name_exists() {
    let (variable, function) = (VariableId(ABSENT), FunctionId(ABSENT));
    missing(Ast::new(), local(variable), "variable");
    missing(Ast::new(), node(NodeKind::SetLocal(variable, Box::new(Node::nil()))), "variable");
    missing(Ast::new(), node(NodeKind::Let(vec![(variable, Node::nil())], Box::new(Node::nil()))), "variable");
    let bind = NodeKind::MultipleValueBind(vec![variable], Box::new(Node::nil()), Box::new(Node::nil()));
    missing(Ast::new(), node(bind), "variable");
    missing(Ast::new(), node(NodeKind::Closure(function)), "function");
    missing(Ast::new(), node(NodeKind::Call(Callee::Local(function), Vec::new())), "function");
    missing(Ast::new(), node(NodeKind::LocalFunctions(vec![function], Box::new(Node::nil()))), "function");
    missing(Ast::new(), node(NodeKind::Block(BlockId(ABSENT), Box::new(Node::nil()))), "block");
    missing(Ast::new(), node(NodeKind::ReturnFrom(BlockId(ABSENT), Box::new(Node::nil()))), "block");
    missing(Ast::new(), node(NodeKind::Tagbody(TagbodyId(ABSENT), Vec::new())), "tagbody");
    missing(Ast::new(), node(NodeKind::Go(TagbodyId(ABSENT), 1)), "tagbody");
    missing(Ast::new(), node(NodeKind::LoadTimeValue(ABSENT)), "load-time-value form");
}

#[test]
fn what_arenas_name_exists() {
    let mut ast = Ast::new();
    variable(&mut ast, FunctionId(ABSENT));
    missing(ast, Node::nil(), "function");

    let mut ast = Ast::new();
    ast.load_time_values.push(FunctionId(ABSENT));
    missing(ast, Node::nil(), "function");

    let mut ast = Ast::new();
    ast.add_block(Symbol::NIL, FunctionId(ABSENT));
    missing(ast, Node::nil(), "function");

    let mut ast = Ast::new();
    let tagbody = ast.add_tagbody(TOP);
    ast.tagbodies[tagbody.index()].token = Some(VariableId(ABSENT));
    missing(ast, Node::nil(), "variable");

    let mut ast = Ast::new();
    ast.toplevel_mut().holder = Some(VariableId(ABSENT));
    missing(ast, Node::nil(), "variable");

    let mut ast = Ast::new();
    ast.toplevel_mut().parameters.rest = Some(VariableId(ABSENT));
    missing(ast, Node::nil(), "variable");
}

#[test]
fn a_parent_precedes_its_functions() {
    for parent in [1, 2, ABSENT] {
        let mut ast = Ast::new();
        let function = ast.add_function(None, Some(FunctionId(parent)));
        check(ast, Node::nil(), Err(VerifyError::ParentAfterChild(function)));
    }
}

#[test]
fn a_variable_stays_within_its_owner() {
    // The toplevel function reads a variable of a function in it.
    let mut ast = Ast::new();
    let (function, _) = closure(&mut ast, Node::nil());
    let inner = variable(&mut ast, function);
    check(ast, local(inner), Err(VerifyError::OutOfScope(inner)));

    // So does its sibling, marked or not.
    let mut ast = Ast::new();
    let (function, _) = closure(&mut ast, Node::nil());
    let inner = variable(&mut ast, function);
    ast.variables[inner.index()].captured = true;
    let (_, sibling) = closure(&mut ast, local(inner));
    check(ast, sibling, Err(VerifyError::OutOfScope(inner)));
}

#[test]
fn a_captured_variable_is_marked() {
    for captured in [false, true] {
        let mut ast = Ast::new();
        let outer = variable(&mut ast, TOP);
        ast.variables[outer.index()].captured = captured;
        let (_, inner) = closure(&mut ast, local(outer));
        let expected = if captured { Ok(()) } else { Err(VerifyError::NotMarkedCaptured(outer)) };
        check(ast, node(NodeKind::Let(vec![(outer, Node::nil())], Box::new(inner))), expected);
    }
}

#[test]
fn an_assigned_variable_is_marked() {
    for assigned in [false, true] {
        let mut ast = Ast::new();
        let name = variable(&mut ast, TOP);
        ast.variables[name.index()].assigned = assigned;
        let set = boxed(NodeKind::SetLocal(name, Box::new(Node::nil())));
        let expected = if assigned { Ok(()) } else { Err(VerifyError::NotMarkedAssigned(name)) };
        check(ast, node(NodeKind::Let(vec![(name, Node::nil())], set)), expected);
    }
}

fn return_from(block: BlockId) -> Node {
    node(NodeKind::ReturnFrom(block, Box::new(Node::nil())))
}

#[test]
fn an_exit_stands_in_its_block() {
    for inside in [false, true] {
        let mut ast = Ast::new();
        let block = ast.add_block(Symbol::NIL, TOP);
        let (within, after) =
            if inside { (return_from(block), Node::nil()) } else { (Node::nil(), return_from(block)) };
        let body = node(NodeKind::Progn(vec![node(NodeKind::Block(block, Box::new(within))), after]));
        check(ast, body, if inside { Ok(()) } else { Err(VerifyError::StrayExit("block")) });
    }
}

#[test]
fn an_exit_from_a_function_needs_a_token_and_stands_in_its_block() {
    let cases = [
        (true, true, Ok(())),
        (true, false, Err(VerifyError::NoToken("block"))),
        (false, true, Err(VerifyError::StrayExit("block"))),
    ];
    for (inside, token, expected) in cases {
        let mut ast = Ast::new();
        let block = ast.add_block(Symbol::NIL, TOP);
        if token {
            let holder = variable(&mut ast, TOP);
            ast.blocks[block.index()].token = Some(holder);
        }
        let (_, exit) = closure(&mut ast, return_from(block));
        let (within, after) = if inside { (exit, Node::nil()) } else { (Node::nil(), exit) };
        let body = node(NodeKind::Progn(vec![node(NodeKind::Block(block, Box::new(within))), after]));
        check(ast, body, expected);
    }
}

#[test]
fn an_exit_leaves_enclosing_functions_only() {
    // The block belongs to a function that does not enclose the exit.
    let mut ast = Ast::new();
    let (function, other) = closure(&mut ast, Node::nil());
    let block = ast.add_block(Symbol::NIL, function);
    check(ast, node(NodeKind::Progn(vec![other, return_from(block)])), Err(VerifyError::StrayExit("block")));
}

#[test]
fn a_local_function_stands_where_it_is_defined() {
    // It is defined within the block, and its object is taken there as well.
    let mut ast = Ast::new();
    let block = ast.add_block(Symbol::NIL, TOP);
    let (holder, token) = (variable(&mut ast, TOP), variable(&mut ast, TOP));
    ast.blocks[block.index()].token = Some(token);
    let (function, object) = closure(&mut ast, return_from(block));
    ast.functions[function.index()].holder = Some(holder);
    let functions = boxed(NodeKind::LocalFunctions(vec![function], Box::new(object)));
    check(ast, node(NodeKind::Block(block, functions)), Ok(()));
}

#[test]
fn a_jump_stands_in_its_tagbody() {
    for inside in [false, true] {
        let mut ast = Ast::new();
        let tagbody = ast.add_tagbody(TOP);
        let go = node(NodeKind::Go(tagbody, 1));
        let (within, after) = if inside { (vec![go], Node::nil()) } else { (Vec::new(), go) };
        let body = node(NodeKind::Progn(vec![node(NodeKind::Tagbody(tagbody, vec![Vec::new(), within])), after]));
        check(ast, body, if inside { Ok(()) } else { Err(VerifyError::StrayExit("tagbody")) });
    }
}

#[test]
fn a_jump_from_a_function_needs_a_token() {
    for token in [false, true] {
        let mut ast = Ast::new();
        let tagbody = ast.add_tagbody(TOP);
        if token {
            let holder = variable(&mut ast, TOP);
            ast.tagbodies[tagbody.index()].token = Some(holder);
        }
        let (_, jump) = closure(&mut ast, node(NodeKind::Go(tagbody, 1)));
        let body = node(NodeKind::Tagbody(tagbody, vec![Vec::new(), vec![jump]]));
        check(ast, body, if token { Ok(()) } else { Err(VerifyError::NoToken("tagbody")) });
    }
}

#[test]
fn a_jump_names_a_tag() {
    // Segment 0 is what precedes the first tag.
    for (segment, is_tag) in [(0, false), (1, true), (2, true), (3, false)] {
        let expected = if is_tag { Ok(()) } else { Err(VerifyError::NoSuchTag(segment)) };
        let mut ast = Ast::new();
        let tagbody = ast.add_tagbody(TOP);
        let segments = vec![vec![node(NodeKind::Go(tagbody, segment))], Vec::new(), Vec::new()];
        check(ast, node(NodeKind::Tagbody(tagbody, segments)), expected.clone());

        let mut ast = Ast::new();
        let tagbody = ast.add_tagbody(TOP);
        let token = variable(&mut ast, TOP);
        ast.tagbodies[tagbody.index()].token = Some(token);
        let (_, jump) = closure(&mut ast, node(NodeKind::Go(tagbody, segment)));
        let segments = vec![vec![jump], Vec::new(), Vec::new()];
        check(ast, node(NodeKind::Tagbody(tagbody, segments)), expected);
    }
}

#[test]
fn a_function_whose_object_is_taken_is_marked() {
    for escapes in [false, true] {
        let mut ast = Ast::new();
        let (function, object) = closure(&mut ast, Node::nil());
        ast.functions[function.index()].escapes = escapes;
        check(ast, object, if escapes { Ok(()) } else { Err(VerifyError::NotMarkedEscaping(function)) });
    }
}

#[test]
fn every_function_is_checked() {
    // The broken tree is in a function that no node makes, and deep within a form.
    let mut ast = Ast::new();
    let name = variable(&mut ast, TOP);
    let set = node(NodeKind::SetLocal(name, Box::new(Node::nil())));
    let unless = NodeKind::If(Box::new(Node::nil()), Box::new(Node::nil()), Box::new(set));
    let dropped = ast.add_function(None, Some(TOP));
    ast.variables[name.index()].captured = true;
    ast.functions[dropped.index()].body = node(unless);
    check(ast, node(NodeKind::Literal(AstLiteral::nil())), Err(VerifyError::NotMarkedAssigned(name)));
}
