import { compileGame, type Game } from '../src/game.js';
import type { GameFile } from '../src/game-file.js';

/** A small world of our own with every construct and quirk that real games have. */
export const cellarDomain = `
; Capitals and comments do not matter. (:action ghost)
(define (domain Cellar)
 (:requirements :adl)
 (:types agent spot shelf thing kind - object
         crate - thing)
 (:predicates (at ?a - agent ?s - spot))
 (:functions (total-cost) - number)
 (:action Walk :parameters (?a - agent ?from - spot ?to - spot ?s - shelf)
  :precondition (and (at ?a ?from) (stands ?s ?to))
  :effect (and (not (at ?a ?from)) (at ?a ?to) (increase (total-cost) 1)))
 (:action Lift :parameters (?a - agent ?p - spot ?t - thing ?s - shelf)
  :precondition (and (portable ?t) (at ?a ?p) (stands ?s ?p) (on ?t ?s) (not (busy ?a))
                     (or (not (lidded ?s)) (ajar ?s)))
  :effect (and (not (on ?t ?s)) (holds ?a ?t) (busy ?a)))
 (:action Drop :parameters (?a - agent ?p - spot ?t - thing ?s - shelf ?k - kind)
  :precondition (and (holds ?a ?t) (at ?a ?p) (stands ?s ?p) (sort ?t ?k) (takes ?s ?k)
                     (or (not (lidded ?s)) (ajar ?s)))
  :effect (and (on ?t ?s) (not (holds ?a ?t)) (not (busy ?a))))
 (:action Open :parameters (?a - agent ?p - spot ?s - shelf)
  :precondition (and (lidded ?s) (at ?a ?p) (stands ?s ?p) (forall (?other - shelf) (not (ajar ?other))))
  :effect (and (ajar ?s) (seen ?s)))
 (:action Study :parameters (?a - agent ?t - thing)
  :precondition (or (exists (?p - spot, ?s - shelf) (and (at ?a ?p) (stands ?s ?p) (on ?t ?s)))
                    (holds ?a ?t))
  :effect (seen ?t))
 (:action Flip :parameters (?a - agent ?p - spot ?t - thing ?s - shelf)
  :precondition (and (switch ?t) (at ?a ?p) (stands ?s ?p) (on ?t ?s))
  :effect (and (when (lit ?t) (not (lit ?t))) (when (not (lit ?t)) (lit ?t)) (flipped ?t)))
 (:action Polish :parameters (?a - agent ?t - thing)
  :precondition (and (holds ?a ?t) (or (dusty ?t) (clean ?t)))
  :effect (clean ?t))
 (:action Tidy :parameters (?a - agent)
  :precondition (exists (?t - crate) (holds ?a ?t))
  :effect (forall (?s - shelf) (when (ajar ?s) (not (ajar ?s)))))
 (:action Pair :parameters (?x - thing ?y - thing)
  :precondition (and (twin ?x ?y) (not (= ?x ?y)) (imply (lidless ?x) (lidless ?y)))
  :effect (seen ?x))
 (:action Wait :parameters (?a - agent) :precondition () :effect (seen ?a))
)`;

export const cellarGrammar = String.raw`
# A comment line.
grammar :: """
  { "intro": [{ "rhs": "\n  The cellar.\n\n#around#\n\nYour task is to: put the jar away." }],
    "around": [
      { "condition": "at(a:agent, p:spot) & stands(s:shelf, p:spot)", "rhs": "You face [{s.name | at(a:agent, p:spot) & stands(s:shelf, p:spot)}]. #missing#" },
      { "rhs": "You see [{#thing#|stands(s:shelf, p:spot)}]." } ],
    "missing": [
      { "condition": "at(a:agent, p:spot) & stands(s:shelf, p:spot) & not_on(t:thing, s:shelf)", "rhs": "Gone: [{t.name | at(a:agent, p:spot) & stands(s:shelf, p:spot) & not_on(t:thing, s:shelf)}]." },
      { "rhs": "Nothing is gone." } ],
    "thing": [{ "rhs": "{s.indefinite} {s.name or s.id}" }],
    "arrive": [{ "rhs": "To the {s}. #content#" }],
    "content": [
      { "condition": "lidded(s:shelf) & ajar(s:shelf)", "rhs": "Open: [{t.indefinite + ' ' + t.name | on(t:thing, s:shelf)}]." },
      { "condition": "lidded(s:shelf)", "rhs": "Shut." },
      { "rhs": "There: [{t.indefinite + ' ' + t.name | on(t:thing, s:shelf)}]." } ],
    "list_empty": [{ "rhs": "this will be replaced" }],
    "list_separator": [{ "rhs": ", " }],
    "list_last_separator": [{ "rhs": ", and " }]
  }
""";
action Walk { template :: "walk to [{s.name | stands(s:shelf, to:spot)}]"; feedback :: "#arrive#"; }
action Lift { template :: "lift {t} from {s}"; feedback :: "You lift the {t.name}."; }
action Drop { template :: "drop {t} on {s}"; feedback :: "You drop the {t.name} on the {s.name}."; }
action Open { template :: "open {s}"; feedback :: "You open it. #content#"; }
action Study { template :: "study {t}"; feedback :: "A {t.name}."; }
action Flip { template :: "flip {t}"; feedback :: "#flip#";
  grammar :: """
  # dropped, because it is in an action
  { "flip": [{ "condition": "lit(t:thing)", "rhs": "On." }, { "rhs": "Off." }],
    "list_empty": [{ "rhs": "nothing" }] }
  """;
}
action Polish { template :: "polish {t}"; feedback :: "It shines."; }
action Tidy { template :: "tidy"; feedback :: "Tidy."; }
action Pair { template :: "pair {x} with {y}"; feedback :: "A pair."; pddl :: """ignored"""; }
action Wait { template :: "wait"; feedback :: "
Commands:
  wait
"; }
`;

export const cellarProblem = `
(define (problem cellar-1) (:domain cellar)
 (:objects me - agent
   p_bar_0 p_bar_1 p_bar_2 p_bar_3 - spot
   rack_bar_a rack_bar_b chest_bar_a chest_bar_b - shelf
   jar_bar_1 jar_bar_2 lamp_bar_1 - thing  box_bar_1 - crate
   glass wood - kind  decoy - thing)
 (:init (at me p_bar_0) (= (total-cost) 0)
   (stands rack_bar_a p_bar_1) (stands rack_bar_b p_bar_1) (stands chest_bar_a p_bar_2) (stands chest_bar_b p_bar_3)
   (lidded chest_bar_a) (lidded chest_bar_b)
   (portable jar_bar_1) (portable jar_bar_2) (portable box_bar_1)
   (on Jar_bar_1 rack_bar_a) (on jar_bar_1 rack_bar_b) (on jar_bar_2 rack_bar_a) (on jar_bar_2 rack_bar_a)
   (on lamp_bar_1 rack_bar_a) (on box_bar_1 chest_bar_b)
   (sort jar_bar_1 glass) (sort jar_bar_2 glass) (sort box_bar_1 wood)
   (takes rack_bar_a glass) (takes rack_bar_b glass) (takes chest_bar_a glass) (takes rack_bar_a wood)
   (switch lamp_bar_1) (dusty jar_bar_1) (clean jar_bar_2)
   (twin jar_bar_1 jar_bar_2) (twin jar_bar_1 jar_bar_1) (twin jar_bar_2 jar_bar_1) (lidless jar_bar_1))
 (:goal (and (exists (?t - thing ?s - shelf) (and (on ?t ?s) (clean ?t) (lidded ?s)))
             (forall (?s - shelf) (not (ajar ?s)))))
)`;

export const cellarFile = (parts: Partial<GameFile> = {}): GameFile => ({
  name: 'cellar',
  domain: cellarDomain,
  grammar: cellarGrammar,
  problem: cellarProblem,
  ...parts,
});

export const cellar = (parts: Partial<GameFile> = {}): Game => compileGame(cellarFile(parts));
