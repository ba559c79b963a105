/**
 * The rules of generated household games, in PDDL. Written for this package; what it keeps from ALFWorld (MIT) is the vocabulary
 * of facts, so that goals and `facts` read the same, and what each action needs and does. Two rules are deliberate and may
 * surprise: an appliance need not be open to heat or cool what is held, and only the held object can be examined.
 */
export const HOUSEHOLD_DOMAIN = `(define (domain household)
  (:requirements :adl :typing)
  (:types agent location receptacle object rtype otype)
  (:predicates
    (atLocation ?who - agent ?spot - location)
    (holds ?who - agent ?thing - object)
    (holdsAny ?who - agent)
    (receptacleAtLocation ?place - receptacle ?spot - location)
    (receptacleType ?place - receptacle ?kind - rtype)
    (openable ?place - receptacle)
    (opened ?place - receptacle)
    (objectAtLocation ?thing - object ?spot - location)
    (objectType ?thing - object ?kind - otype)
    (inReceptacle ?thing - object ?place - receptacle)
    (canContain ?outer - rtype ?inner - otype)
    (isReceptacleObject ?thing - object)
    (inReceptacleObject ?inner - object ?outer - object)
    (pickupable ?thing - object)
    (cleanable ?thing - object)
    (heatable ?thing - object)
    (coolable ?thing - object)
    (toggleable ?thing - object)
    (sliceable ?thing - object)
    (isClean ?thing - object)
    (isHot ?thing - object)
    (isCool ?thing - object)
    (isToggled ?thing - object)
    (isSliced ?thing - object)
    (checked ?what)
  )

  (:action go
    :parameters (?who - agent ?from - location ?spot - location ?place - receptacle)
    :precondition (and (atLocation ?who ?from) (receptacleAtLocation ?place ?spot))
    :effect (and (not (atLocation ?who ?from)) (atLocation ?who ?spot))
  )
  (:action open
    :parameters (?who - agent ?spot - location ?place - receptacle)
    :precondition (and
      (atLocation ?who ?spot) (receptacleAtLocation ?place ?spot) (openable ?place) (not (opened ?place)))
    :effect (and (opened ?place) (checked ?place))
  )
  (:action close
    :parameters (?who - agent ?spot - location ?place - receptacle)
    :precondition (and
      (atLocation ?who ?spot) (receptacleAtLocation ?place ?spot) (openable ?place) (opened ?place))
    :effect (not (opened ?place))
  )
  (:action take
    :parameters (?who - agent ?spot - location ?place - receptacle ?thing - object)
    :precondition (and
      (not (holdsAny ?who)) (atLocation ?who ?spot) (receptacleAtLocation ?place ?spot)
      (or (not (openable ?place)) (opened ?place))
      (inReceptacle ?thing ?place) (pickupable ?thing))
    :effect (and
      (holds ?who ?thing) (holdsAny ?who)
      (not (inReceptacle ?thing ?place)) (not (objectAtLocation ?thing ?spot)))
  )
  (:action move
    :parameters
      (?who - agent ?spot - location ?place - receptacle ?thing - object ?outer - rtype ?inner - otype)
    :precondition (and
      (holds ?who ?thing) (atLocation ?who ?spot) (receptacleAtLocation ?place ?spot)
      (or (not (openable ?place)) (opened ?place))
      (receptacleType ?place ?outer) (objectType ?thing ?inner) (canContain ?outer ?inner))
    :effect (and
      (inReceptacle ?thing ?place) (objectAtLocation ?thing ?spot)
      (not (holds ?who ?thing)) (not (holdsAny ?who)))
  )
  (:action clean
    :parameters (?who - agent ?spot - location ?place - receptacle ?thing - object)
    :precondition (and
      (holds ?who ?thing) (cleanable ?thing) (atLocation ?who ?spot)
      (receptacleAtLocation ?place ?spot) (receptacleType ?place SinkBasinType))
    :effect (isClean ?thing)
  )
  (:action heat
    :parameters (?who - agent ?spot - location ?place - receptacle ?thing - object)
    :precondition (and
      (holds ?who ?thing) (heatable ?thing) (atLocation ?who ?spot)
      (receptacleAtLocation ?place ?spot) (receptacleType ?place MicrowaveType))
    :effect (and (isHot ?thing) (not (isCool ?thing)))
  )
  (:action cool
    :parameters (?who - agent ?spot - location ?place - receptacle ?thing - object)
    :precondition (and
      (holds ?who ?thing) (coolable ?thing) (atLocation ?who ?spot)
      (receptacleAtLocation ?place ?spot) (receptacleType ?place FridgeType))
    :effect (and (isCool ?thing) (not (isHot ?thing)))
  )
  (:action use
    :parameters (?who - agent ?spot - location ?place - receptacle ?thing - object)
    :precondition (and
      (toggleable ?thing) (atLocation ?who ?spot) (receptacleAtLocation ?place ?spot)
      (inReceptacle ?thing ?place))
    :effect (and (isToggled ?thing) (checked ?thing))
  )
  (:action slice
    :parameters (?who - agent ?spot - location ?thing - object ?tool - object)
    :precondition (and
      (holds ?who ?tool) (or (objectType ?tool KnifeType) (objectType ?tool ButterKnifeType))
      (sliceable ?thing) (atLocation ?who ?spot) (objectAtLocation ?thing ?spot))
    :effect (isSliced ?thing)
  )
  (:action examineplace
    :parameters (?who - agent ?spot - location ?place - receptacle)
    :precondition (and (atLocation ?who ?spot) (receptacleAtLocation ?place ?spot))
    :effect (checked ?place)
  )
  (:action examinething
    :parameters (?who - agent ?thing - object)
    :precondition (holds ?who ?thing)
    :effect (checked ?thing)
  )
  (:action look
    :parameters (?who - agent ?spot - location)
    :precondition (atLocation ?who ?spot)
    :effect (checked ?spot)
  )
  (:action inventory
    :parameters (?who - agent)
    :precondition ()
    :effect (checked ?who)
  )
  (:action help
    :parameters (?who - agent)
    :precondition ()
    :effect (checked ?who)
  )
)
`;
