//! The script's own classes: what each inherits, and the names in their methods.

use std::sync::{Arc, Mutex};

use super::Resolver;
use crate::ast::*;
use crate::class::{self, Class, ScriptClass};
use crate::refusal::RefusalKind;

/// How many classes may be above a class.
const MOST_ABOVE: u32 = 32;

impl Resolver<'_> {
    pub(super) fn script_classes(&mut self) {
        let classes = self.classes.iter().map(|class| (*class.decl).clone());
        let mut classes: Vec<ClassDecl> = classes.collect();
        for decl in &mut classes {
            self.parents(decl);
        }
        for at in 0..classes.len() {
            // Methods may name what the class inherits.
            self.class = Some(Arc::new(whole(&classes, at, 0)));
            let decl = &mut classes[at];
            let functions = decl.methods.iter_mut().chain(&mut decl.constructors);
            let functions = functions.chain(&mut decl.initialisers);
            let functions = functions.chain(&mut decl.static_initialisers);
            let arguments = decl.constant_args.iter_mut().flatten();
            for function in functions.chain(arguments) {
                self.function(Arc::make_mut(function));
            }
            for field in &mut decl.fields {
                if let Some(ty) = &mut field.ty {
                    self.type_name(ty);
                }
                if let Some(value) = &mut field.value {
                    self.function(Arc::make_mut(value));
                }
            }
            self.class = None;
        }
        // Instances name their class by this table, so that all see the resolved methods.
        let resolved = (0..classes.len()).map(|at| {
            Arc::new(ScriptClass {
                decl: Arc::new(whole(&classes, at, 0)),
                statics: Mutex::default(),
                home: self.home.clone(),
            })
        });
        self.classes = resolved.collect();
    }

    /// Finds the classes that a class names as its own parents.
    fn parents(&mut self, decl: &mut ClassDecl) {
        self.class = Some(Arc::new(ClassDecl {
            name: decl.name.clone(),
            ..ClassDecl::default()
        }));
        for parent in decl.superclass.iter_mut().chain(&mut decl.interfaces) {
            self.type_name(parent);
        }
        self.class = None;
        if let Some(parent) = &decl.superclass
            && let Ty::Class(Class::Known(known)) = &parent.ty
            && known.name != "java.lang.Object"
            && !class::descends(known.name, "java.lang.Throwable")
        {
            let message = format!("class {} with the superclass {}", decl.name, known.name);
            self.refuse(
                RefusalKind::UnsupportedSyntax,
                parent.pos,
                format!("{message} is not supported"),
                None,
            );
        }
    }
}

/// A class with all that it inherits behind what is its own; fields and initialisers of parents come first, as they are made first.
fn whole(classes: &[ClassDecl], at: usize, above: u32) -> ClassDecl {
    let mut decl = classes[at].clone();
    let mut ancestors = vec![decl.name.clone()];
    if above > MOST_ABOVE {
        return decl;
    }
    let own_fields = std::mem::take(&mut decl.fields);
    let own_initialisers = std::mem::take(&mut decl.initialisers);
    let parents = decl.interfaces.iter().rev().chain(&decl.superclass);
    for parent in parents.cloned().collect::<Vec<_>>() {
        match &parent.ty {
            Ty::Class(Class::Known(known)) => add_known(known.name, &mut ancestors),
            Ty::Class(Class::Script(class)) => {
                let Some(place) = classes.iter().position(|c| c.name == class.decl.name) else {
                    continue;
                };
                let parent = whole(classes, place, above + 1);
                decl.methods.extend(parent.methods);
                decl.abstracts.extend(parent.abstracts);
                decl.fields.splice(0..0, parent.fields);
                decl.initialisers.splice(0..0, parent.initialisers);
                ancestors.extend(parent.ancestors);
            }
            _ => {}
        }
    }
    for field in own_fields {
        decl.fields
            .retain(|other| other.name.hash != field.name.hash);
        decl.fields.push(field);
    }
    decl.initialisers.extend(own_initialisers);
    decl.ancestors = ancestors;
    decl
}

fn add_known(name: &'static str, ancestors: &mut Vec<Arc<str>>) {
    ancestors.push(Arc::from(name));
    for parent in class::find(name)
        .into_iter()
        .flat_map(|class| class.parents)
    {
        add_known(parent, ancestors);
    }
}
